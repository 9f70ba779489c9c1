"""The codec of the boundary: what crosses comes out the same, and nothing else gets through."""

import json
import math
import struct

import numpy as np
import pytest

from autograder import wire
from autograder.errors import WireError


def message(header, data=b""):
    """A message with any header at all, as a kernel that lies could send it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return b"UNR1" + struct.pack("<I", len(text)) + text + data


def there_and_back(value):
    return wire.decode(wire.encode(value))


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, False, 0, -1, 2**64 - 1, -(2**63), 0.5, -0.0, math.inf, -math.inf),
        *("", "text", "snow \u2603, a pair \U0001f40d, a lone \ud800", b"", b"\x00\xff"),
        *([], [1, "a", None, [2.5]], {}, {"a": {"b": [1, {"y": 1}]}, "": None}),
        {"d": {"d": 1}, "a": ["<f8", [3]], "y": 7},
    ],
    ids=repr,
)
def test_plain_data_comes_out_as_it_went_in(value):
    got = there_and_back(value)
    assert got == value
    assert type(got) is type(value)
    assert str(got) == str(value)  # -0.0 equals 0.0


def test_nan_comes_out_as_nan_alone_and_in_arrays():
    assert math.isnan(there_and_back(math.nan))
    array = np.array([np.nan, np.inf, -np.inf, -0.0])
    assert there_and_back(array).tobytes() == array.tobytes()


def test_a_tuple_comes_out_as_a_list():
    assert there_and_back((1, (2, 3))) == [1, [2, 3]]


@pytest.mark.parametrize("dtype", sorted(d.str for d in wire._DTYPES.values()))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3), (1,) * 8], ids=str)
def test_an_array_keeps_dtype_shape_and_values(dtype, shape):
    size = math.prod(shape)
    array = (np.arange(size) % 2).astype(dtype).reshape(shape)
    got = there_and_back(array)
    assert (got.dtype, got.shape) == (array.dtype, array.shape)
    assert np.array_equal(got, array)
    assert got.flags.writeable


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24.0).reshape(4, 6)[::2, ::-3],
        np.arange(6.0).reshape(2, 3).T,
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.broadcast_to(np.float32(7), (3, 2)),
        np.arange(5, dtype=">f8"),
        np.arange(5, dtype=">i2")[::2],
    ],
    ids=["strided", "transposed", "fortran", "broadcast", "big-endian", "big-endian-strided"],
)
def test_the_layout_in_memory_does_not_matter(array):
    got = there_and_back(array)
    assert np.array_equal(got, array)
    assert got.dtype == array.dtype.newbyteorder("=")


def test_several_arrays_and_bytes_keep_their_own_values():
    value = {"x": np.arange(3), "y": [b"ab", np.float32([1.5])], "z": b"c"}
    got = there_and_back(value)
    assert got["x"].tolist() == [0, 1, 2]
    assert got["y"][0] == b"ab" and got["y"][1].tolist() == [1.5]
    assert got["z"] == b"c"


def test_a_decoded_array_is_nobody_elses_memory():
    sent = bytearray(wire.encode([np.zeros(3), np.zeros(3)]))
    first, second = wire.decode(bytes(sent))
    first[:] = 1
    assert not second.any()


class Liar(np.ndarray):
    """An array that claims to equal anything."""

    def __eq__(self, other):
        return True


class Text(str):
    """A string that is more than one."""


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (object(), "a object may not cross"),
        (print, "may not cross"),
        ({1, 2}, "a set may not cross"),
        (1 + 2j, "a complex may not cross"),
        (np.float64(1), "a float64 may not cross"),
        (Text("a"), "a Text may not cross"),
        (np.zeros(2).view(Liar), "a Liar may not cross"),
        (np.ma.masked_array([1, 2]), "a MaskedArray may not cross"),
        (np.array([object()]), "dtype object"),
        (np.array(["text"]), "dtype <U4"),
        (np.array([b"text"]), r"dtype \|S4"),
        (np.array(["2026-01-01"], "M8[D]"), "dtype datetime64"),
        (np.zeros(2, [("a", "f8")]), "expected numbers"),
        (np.zeros(2, np.longdouble), "expected numbers"),
        ({1: 2}, "a key that is no str"),
        ({Text("a"): 2}, "a key that is no str"),
        (2**64, "does not fit 64 bits"),
        (-(2**63) - 1, "does not fit 64 bits"),
        (nested(17), "nested deeper than 16"),
        (np.zeros((1,) * 9), "9 axes"),
        (np.zeros(wire.MAX_BYTES), "bytes; expected at most"),
        ("x" * (wire.MAX_HEADER_BYTES + 1), "bytes; expected at most"),
    ],
    ids=lambda v: v if isinstance(v, str) and len(v) < 99 else type(v).__name__,
)
def test_anything_else_is_refused_at_the_door(value, complaint):
    with pytest.raises(WireError, match=complaint):
        wire.encode(value)


def test_a_list_that_holds_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(WireError, match="nested deeper"):
        wire.encode(value)


def test_sixteen_levels_cross():
    assert there_and_back(nested(16)) == nested(16)


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (b"", "does not begin"),
        (b"UNR1", "does not begin"),
        (b"\x80\x04N.", "does not begin"),
        (b"UNR2\x04\x00\x00\x00null", "does not begin"),
        (b"UNR1\xff\xff\xff\xffnull", "longer than the message"),
        (b"UNR1\x05\x00\x00\x00null", "longer than the message"),
        (message(b""), "not JSON"),
        (message(b"nul"), "not JSON"),
        (message(b"\xff"), "not JSON"),
        (message(b"[" * 100_000), "not JSON"),
        (message(b"1" * 5000), "not JSON"),
        (message(None, b"x"), "left over"),
        (message({"a": ["<f8", [1]]}, b"x" * 9), "left over"),
        (message({"a": ["<f8", [2]]}, b"x" * 15), "shorter than its header"),
        (message([{"y": 3}, {"y": 3}], b"12345"), "shorter than its header"),
        (message({"y": -1}), "shorter than its header"),
        (message({"y": True}, b"x"), "unknown tag"),
        (message({"y": 1.0}, b"x"), "unknown tag"),
        (message({"z": 1}), "unknown tag"),
        (message({"d": []}), "unknown tag"),
        (message({}), "more than one tag"),
        (message({"d": {}, "y": 0}), "more than one tag"),
        (message({"a": {}}), "no dtype and shape"),
        (message({"a": ["<f8"]}), "no dtype and shape"),
        (message({"a": ["O", [1]]}, b"x" * 8), "dtype that may not cross"),
        (message({"a": [">f8", [1]]}, b"x" * 8), "dtype that may not cross"),
        (message({"a": ["<f8,<f8", [1]]}, b"x" * 16), "dtype that may not cross"),
        (message({"a": [["<f8"], [1]]}, b"x" * 8), "dtype that may not cross"),
        (message({"a": ["<f8", 1]}, b"x" * 8), "shape that is none"),
        (message({"a": ["<f8", [-1]]}), "shape that is none"),
        (message({"a": ["<f8", [-1, -1]]}, b"x" * 8), "shape that is none"),
        (message({"a": ["<f8", [True]]}, b"x" * 8), "shape that is none"),
        (message({"a": ["<f8", [1.0]]}, b"x" * 8), "shape that is none"),
        (message({"a": ["<f8", [1] * 9]}, b"x" * 8), "shape that is none"),
        (message({"a": ["<f8", [2**62, 4]]}), "shape that is none"),
        (message({"a": ["<f8", [2**24] * 8]}), "shorter than its header"),
        (message({"a": ["<f8", [0] + [2**24] * 7]}), "shape that is none"),
        (message(10**400), "does not fit 64 bits"),
        (message([10**30]), "does not fit 64 bits"),
        (message(nested(17)), "nested deeper"),
        (message([0] * 100_001), "more than 100000 values"),
        (b"UNR1" + b"x" * wire.MAX_BYTES, "bytes; expected at most"),
    ],
)
def test_a_malformed_message_is_refused_with_the_reason(sent, complaint):
    with pytest.raises(WireError, match=complaint):
        wire.decode(sent)


def test_no_bytes_are_used_twice():
    # Each array takes its own part; a header cannot point two arrays at the same bytes.
    with pytest.raises(WireError, match="shorter than its header"):
        wire.decode(message([{"a": ["<f8", [1]]}] * 2, b"x" * 8))


def test_five_thousand_damaged_messages_raise_wire_errors_or_give_plain_data():
    rng = np.random.default_rng(20260302)
    originals = [
        wire.encode(value)
        for value in (
            {"missing": False, "outcomes": [{"value": np.eye(3), "error": None, "changed": [0]}]},
            [np.zeros((2, 0), np.int8), b"abc", {"d": {"y": "text"}}, 1.5, None],
            {"a": [np.arange(4, dtype=np.uint16), [[[np.array(True)]]]]},
        )
    ]
    allowed = (type(None), bool, int, float, str, bytes, list, dict, np.ndarray)
    signs = b'[]{},:"0123456789-.eadyNI\x00\xff'
    refused = 0
    for number in range(5000):
        sent = bytearray(originals[number % len(originals)])
        for _ in range(rng.integers(1, 6)):
            where = int(rng.integers(len(sent)))
            how = rng.integers(4)
            if how == 0:
                sent[where] = rng.integers(256)
            elif how == 1:
                sent[where] = signs[rng.integers(len(signs))]
            elif how == 2:
                del sent[where : where + int(rng.integers(1, 9))]
            else:
                sent[where:where] = sent[: int(rng.integers(1, 20))]
            sent = sent or bytearray(b"U")
        try:
            assert type(wire.decode(bytes(sent))) in allowed
        except WireError:
            refused += 1
    assert refused > 4000  # most damage is noticed; the rest changed a number or a letter


def test_what_was_decoded_can_be_sent_again():
    value = {"x": np.arange(6.0).reshape(2, 3), "y": [b"z", {"k": None}], "n": math.inf}
    once = wire.encode(value)
    assert wire.encode(wire.decode(once)) == once
