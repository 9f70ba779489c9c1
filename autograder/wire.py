"""The codec of the boundary: plain data in, plain data out, nothing else.

What may cross: None, bool, int, float, str, bytes, list, dict with str keys, and arrays of
numbers. A message is

    b"UNR1" | header length (4 bytes) | header, JSON in UTF-8 | the bytes of the arrays, joined

In the header a JSON object has exactly one key, which is a tag: ``{"d": {...}}`` a dict,
``{"a": [dtype, shape]}`` an array, ``{"y": length}`` bytes. Arrays and bytes take theirs from the
joined part, in the order in which they stand in the header, so none can be used twice.

Decoding trusts nothing: sizes, depth, counts, dtypes and shapes are checked before memory is
taken, and there is no pickle and no look-up by name. The confined kernel gets a copy of this
file, so it imports only the standard library and NumPy.
"""

from __future__ import annotations

import json
import struct

import numpy as np

try:
    from autograder.errors import WireError
except ImportError:  # inside the confined kernel, which has no autograder package

    class WireError(Exception):  # type: ignore[no-redef]
        """A message is malformed, too large or of a type that may not cross."""


MAGIC = b"UNR1"
MAX_BYTES = 16 * 2**20
MAX_HEADER_BYTES = 4 * 2**20
MAX_DEPTH = 16
MAX_NODES = 100_000
MAX_AXES = 8

_DTYPES = {
    np.dtype(name).str: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}


def encode(value: object) -> bytes:
    """Turn plain data into a message. Raises WireError for anything else, or when too large."""
    blobs: list[bytes] = []
    header = json.dumps(_pack(value, blobs, 0), separators=(",", ":")).encode("utf-8")
    message = b"".join([MAGIC, struct.pack("<I", len(header)), header, *blobs])
    if len(message) > MAX_BYTES or len(header) > MAX_HEADER_BYTES:
        raise WireError(f"message has {len(message)} bytes; expected at most {MAX_BYTES}")
    return message


def decode(message: bytes) -> object:
    """Turn a message back into plain data; arrays come out writable.

    Raises WireError when the message is not exactly what ``encode`` makes.
    """
    if len(message) > MAX_BYTES:
        raise WireError(f"message has {len(message)} bytes; expected at most {MAX_BYTES}")
    if message[:4] != MAGIC or len(message) < 8:
        raise WireError("message does not begin as one of ours")
    (length,) = struct.unpack("<I", message[4:8])
    if length > min(MAX_HEADER_BYTES, len(message) - 8):
        raise WireError("header is longer than the message")
    try:
        tree = json.loads(message[8 : 8 + length].decode("utf-8"))
    except (ValueError, RecursionError):
        raise WireError("header is not JSON") from None
    reader = _Reader(memoryview(message)[8 + length :])
    value = reader.unpack(tree, 0)
    if reader.taken != len(reader.data):
        raise WireError("bytes are left over")
    return value


def _pack(value: object, blobs: list[bytes], depth: int) -> object:
    if depth > MAX_DEPTH:
        raise WireError(f"value is nested deeper than {MAX_DEPTH}")
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        if kind is int and not _fits(value):
            raise WireError("int does not fit 64 bits")
        return value
    if kind is bytes:
        blobs.append(value)
        return {"y": len(value)}
    if kind in (list, tuple):
        return [_pack(v, blobs, depth + 1) for v in value]
    if kind is dict:
        if not all(type(k) is str for k in value):
            raise WireError("dict has a key that is no str")
        return {"d": {k: _pack(v, blobs, depth + 1) for k, v in value.items()}}
    if kind is np.ndarray:
        array = np.ascontiguousarray(value).reshape(value.shape)
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        if array.dtype.str not in _DTYPES:
            raise WireError(f"array has dtype {value.dtype}; expected numbers")
        if array.ndim > MAX_AXES:
            raise WireError(f"array has {array.ndim} axes; expected at most {MAX_AXES}")
        blobs.append(array.tobytes())
        return {"a": [array.dtype.str, list(array.shape)]}
    raise WireError(f"a {kind.__name__} may not cross; expected plain data")


def _fits(number: int) -> bool:
    return -(2**63) <= number < 2**64


class _Reader:
    """Walks a header and takes the bytes of each array in turn."""

    def __init__(self, data: memoryview):
        self.data = data
        self.taken = 0
        self.nodes = 0

    def unpack(self, node: object, depth: int) -> object:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise WireError(f"message has more than {MAX_NODES} values")
        if depth > MAX_DEPTH:
            raise WireError(f"message is nested deeper than {MAX_DEPTH}")
        if isinstance(node, list):
            return [self.unpack(v, depth + 1) for v in node]
        if type(node) is int and not _fits(node):
            raise WireError("int does not fit 64 bits")
        if not isinstance(node, dict):
            return node
        if len(node) != 1:
            raise WireError("a tagged value has more than one tag")
        ((tag, body),) = node.items()
        if tag == "d" and isinstance(body, dict):
            return {k: self.unpack(v, depth + 1) for k, v in body.items()}
        if tag == "y" and type(body) is int:
            return bytes(self.take(body))
        if tag == "a":
            return self.array(body)
        raise WireError("a value has an unknown tag")

    def array(self, body: object) -> np.ndarray:
        if not isinstance(body, list) or len(body) != 2:
            raise WireError("an array has no dtype and shape")
        name, shape = body
        if not isinstance(name, str) or name not in _DTYPES:
            raise WireError("an array has a dtype that may not cross")
        if (
            not isinstance(shape, list)
            or len(shape) > MAX_AXES
            or not all(type(n) is int and 0 <= n <= MAX_BYTES for n in shape)
        ):
            raise WireError("an array has a shape that is none")
        count = 1
        for n in shape:
            count *= n
        dtype = _DTYPES[name]
        data = self.take(count * dtype.itemsize)
        try:
            return np.frombuffer(data, dtype=dtype).reshape(shape).copy()
        except ValueError:  # no values, along axes that NumPy takes for too long even so
            raise WireError("an array has a shape that is none") from None

    def take(self, count: int) -> memoryview:
        if not 0 <= count <= len(self.data) - self.taken:
            raise WireError("message is shorter than its header says")
        self.taken += count
        return self.data[self.taken - count : self.taken]
