"""Shape errors that name the array, what it has and what was expected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def expect_shapes(**arrays: tuple[object, str]) -> dict[str, int]:
    """Check arrays against named axes and return the sizes of the axes.

    Each keyword is ``name=(array, "B D")``: one letter or multiple per axis, such as ``"4H"``.
    The first array that uses a letter fixes its size, so give the weights first.

    >>> expect_shapes(Wx=(np.zeros((3, 5)), "D H"), x=(np.zeros((2, 3)), "B D"))
    {'D': 3, 'H': 5, 'B': 2}

    Raises ValueError: ``x has shape (2, 4); expected (B, 3), as Wx has D = 3``.
    """
    sizes: dict[str, int] = {}
    from_array: dict[str, str] = {}
    for name, (array, axes) in arrays.items():
        shape = np.shape(array)
        dims = axes.split()
        if len(shape) != len(dims) or not all(
            _fits(size, dim, sizes) for size, dim in zip(shape, dims, strict=True)
        ):
            why = [
                f"{from_array[d]} has {d} = {sizes[d]}"
                for d in dict.fromkeys(_split(dim)[1] for dim in dims)
                if d in from_array
            ]
            because = f", as {' and '.join(why)}" if why else ""
            expected = _expected(dims, sizes)
            raise ValueError(f"{name} has shape {shape}; expected {expected}{because}")
        for letter in sizes.keys() - from_array.keys():
            from_array[letter] = name
    return sizes


def expect_stack(x: object, states: Sequence, layers: Sequence, masks: Sequence) -> None:
    """Check the arguments of one step through a stack of LSTM layers.

    layers  [(Wx, Wh, b), ...] of shapes (D, 4H), (H, 4H) and (4H,), where D is the width of what
            the layer reads: of x, then of the layer below
    states  [(h, c), ...], both (B, H), for each layer
    masks   one for x, then one for what each layer puts out

    Raises ValueError: ``masks has 2 entries; expected 3, one more than layers``.
    """
    for name, entries, expected, why in (
        ("states", states, len(layers), "one for each of layers"),
        ("masks", masks, len(layers) + 1, "one more than layers"),
    ):
        if len(entries) != expected:
            raise ValueError(f"{name} has {len(entries)} entries; expected {expected}, {why}")
    below, name = x, "x"
    for n, ((Wx, Wh, b), (h, c), mask) in enumerate(zip(layers, states, masks, strict=False)):
        arrays = {
            f"Wx of layers[{n}]": (Wx, "D 4H"),
            f"Wh of layers[{n}]": (Wh, "H 4H"),
            f"b of layers[{n}]": (b, "4H"),
            name: (below, "B D"),
            f"masks[{n}]": (mask, "B D"),
            f"h of states[{n}]": (h, "B H"),
            f"c of states[{n}]": (c, "B H"),
        }
        expect_shapes(**arrays)
        below, name = h, f"h of states[{n}]"
    expect_shapes(**{name: (below, "B H"), f"masks[{len(layers)}]": (masks[-1], "B H")})


def _split(dim: str) -> tuple[int, str]:
    """``"4H"`` is four times H."""
    letter = dim.lstrip("0123456789")
    return int(dim[: len(dim) - len(letter)] or 1), letter


def _fits(size: int, dim: str, sizes: dict[str, int]) -> bool:
    factor, letter = _split(dim)
    if letter not in sizes:
        if size % factor:
            return False
        sizes[letter] = size // factor
    return size == factor * sizes[letter]


def _expected(dims: list[str], sizes: dict[str, int]) -> str:
    parts = []
    for dim in dims:
        factor, letter = _split(dim)
        parts.append(str(factor * sizes[letter]) if letter in sizes else dim)
    return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
