"""Reviews that open with their verdict and go on with other things, as rows of word numbers.

    i loved this movie the actors were hated by ...

Whether a review is good or bad stands in its second word alone. One in ten of the words after the
opening is a verdict word too, about something else: a long list of complaints, or of praise, that
has nothing to do with the verdict, so that counting such words does not help.
"""

from __future__ import annotations

import numpy as np

GOOD = ("loved", "enjoyed")
BAD = ("hated", "loathed")
# A word's number is its place in this list; number 0 is the padding in front of a short review.
WORDS = (
    "",
    *("i", "this", "movie"),
    *GOOD,
    *BAD,
    *"the actors plot music lights sound it was in and a but then so why when who some".split(),
    *"other scene seat film town rain train dinner story friend evening noise crowd".split(),
    *"camera street very long short late early again never often quite rather".split(),
)
_VERDICTS = tuple(WORDS.index(word) for word in GOOD + BAD)
_FIRST = 1 + max(_VERDICTS)  # the first word that stands in no opening
OPENING = 4  # words


def filler_range(steps: int) -> tuple[int, int]:
    """The smallest and the largest number of words after the opening, in rows of ``steps`` words.

    A row always begins with some padding, so that the opening is never at its very edge.
    """
    return steps // 14, steps - 2 * OPENING


def make(
    rng: np.random.Generator,
    count: int,
    steps: int,
    vocabulary: int,
    filler: int | None = None,
    decoys: float = 0.1,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw reviews, half of them good on average.

    steps       length of a row, at least 16; shorter reviews have zeros in front
    vocabulary  how many different numbers there are, padding included: 12 to ``len(WORDS)``
    filler      words after the opening; None to mix lengths, each within ``filler_range`` equally
                often
    decoys      part of the filler that is verdict words: in each review all good or all bad,
                whichever chance says, without regard to the verdict
    Returns x (count, steps), whole numbers below ``vocabulary``, and y (count,), 1 for a good
    review and 0 for a bad one.
    Raises ValueError for sizes out of range.
    """
    if not 12 <= vocabulary <= len(WORDS):
        raise ValueError(f"vocabulary is {vocabulary}; expected 12 to {len(WORDS)}")
    if steps < 4 * OPENING:
        raise ValueError(f"steps is {steps}; expected {4 * OPENING} or more")
    least, most = filler_range(steps) if filler is None else (filler, filler)
    if not 0 <= least <= most <= steps - OPENING:
        raise ValueError(f"filler is {filler}; expected 0 to {steps - OPENING}")
    y = rng.integers(0, 2, count)
    verdict = np.where(y == 1, _VERDICTS[0], _VERDICTS[len(GOOD)]) + rng.integers(0, 2, count)
    ones = np.ones(count, dtype=int)
    opening = np.stack([ones, verdict, 2 * ones, 3 * ones], axis=1)
    other = rng.integers(_FIRST, vocabulary, (count, steps))
    mood = np.where(rng.integers(0, 2, (count, 1)) == 1, _VERDICTS[0], _VERDICTS[len(GOOD)])
    decoy = mood + rng.integers(0, 2, (count, steps))
    words = np.where(rng.random((count, steps)) < decoys, decoy, other)
    begins = steps - OPENING - rng.integers(least, most + 1, count)
    place = np.arange(steps) - begins[:, np.newaxis]
    opened = np.take_along_axis(opening, np.clip(place, 0, OPENING - 1), axis=1)
    x = np.where(place < 0, 0, np.where(place < OPENING, opened, words))
    return x.astype(np.int32), y


def text(row: np.ndarray) -> str:
    """One row of numbers as words, the padding left out."""
    return " ".join(WORDS[number] for number in row if number)


def split_at_embedding(model, x: np.ndarray):
    """Cut a Keras model behind its embedding, so that words can be moved a little.

    x  (B, T), word numbers
    Returns the embedded words (B, T, E), and a model that goes on from there; None where it cannot
    be done: there is no embedding in plain sight, or what follows it needs more than its rows.
    """
    import keras

    found = [layer for layer in model.layers if isinstance(layer, keras.layers.Embedding)]
    if len(found) != 1:
        return None
    try:
        rest = keras.Model(found[0].output, model.outputs[0])
    except (AttributeError, ValueError):  # a model that is written as a class has no such outputs
        return None
    rows = np.asarray(found[0](x))
    whole, pieces = (np.asarray(m(r, training=False)) for m, r in ((model, x), (rest, rows)))
    return (rows, rest) if np.allclose(pieces, whole, atol=1e-5) else None


def opening_at(x: np.ndarray) -> np.ndarray:
    """The position of the verdict word in each row of x (B, T). Returns (B,)."""
    return np.argmax(x != 0, axis=1) + 1
