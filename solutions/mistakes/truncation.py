"""Known-wrong answers of the lesson ``truncation``, most specific first within an exercise."""

import keras
import numpy as np
import tensorflow as tf

from solutions import truncation as right
from solutions.basic_cell import rnn_forward
from solutions.mistakes import IN_PLACE, NO_RETURN, UNKNOWN_NAME, mistake
from solutions.through_time import rnn_backward

# stream_batches

ROWS = """The rows do not go on from chunk to chunk. Follow row 0 with ids 0, 1, 2, ... on paper: in
which part of the ids does it lie, and which id comes after its last one in chunk 0?"""
ROW_STARTS = """The rows begin at the wrong ids. The docstring says where row r starts; the ids that
are left over lie all together, after the last row."""
TARGETS = """The inputs are right and the targets are not. A target is the id that follows in the
whole sequence, also at the last step of a chunk and of a row."""
CHUNKS = """The number of chunks is wrong. How many ids do the inputs use, and how many more do
the targets need? Try N = batch * steps, and one id more."""
REMAINDER = "The wrong ids are left over. Which end of the sequence does the docstring drop?"
ORDER = """The ids are there, but in another order. A chunk is read from left to right, the chunks
one after the other, row 0 first."""
AXES = "The axes are in the wrong order. Which comes first: the chunk, the row or the step?"
EMPTY = """With too few ids for one chunk something breaks or has another shape. The results should
then have the shape (0, batch, steps)."""
PAIR = "The result is a pair of arrays, (inputs, targets), each (chunks, batch, steps)."


def _sizes(ids, batch, steps):
    """Chunks, and the ids that the inputs use."""
    chunks = (len(ids) - 1) // (batch * steps)
    return chunks, batch * chunks * steps


def _cut(part, batch, chunks, steps):
    return part.reshape(batch, chunks, steps).swapaxes(0, 1)


@mistake("stream_batches", hint=ROWS)
def chunks_filled_one_after_the_other(ids, batch, steps):
    chunks, used = _sizes(ids, batch, steps)
    shape = (chunks, batch, steps)
    return ids[:used].reshape(shape), ids[1 : used + 1].reshape(shape)


@mistake("stream_batches", hint=ROWS)
def rows_interleaved(ids, batch, steps):
    chunks, used = _sizes(ids, batch, steps)

    def dealt(part):
        return part.reshape(chunks, steps, batch).swapaxes(1, 2)

    return dealt(ids[:used]), dealt(ids[1 : used + 1])


@mistake("stream_batches", hint=ROWS)
def every_row_the_same(ids, batch, steps):
    chunks, _ = _sizes(ids, batch, steps)

    def repeated(part):
        one = part[: chunks * steps].reshape(chunks, 1, steps)
        return np.repeat(one, batch, axis=1)

    return repeated(ids), repeated(ids[1:])


@mistake("stream_batches", hint=ROWS)
def rows_one_id_apart(ids, batch, steps):
    chunks, _ = _sizes(ids, batch, steps)
    starts = np.arange(batch)[:, None] + np.arange(chunks)[:, None, None] * steps
    places = starts + np.arange(steps)
    return ids[places], ids[places + 1]


@mistake("stream_batches", hint=ROWS)
def rows_one_chunk_apart(ids, batch, steps):
    chunks, _ = _sizes(ids, batch, steps)
    places = np.arange(chunks)[:, None, None] + np.arange(batch)[:, None]
    places = places * steps + np.arange(steps)
    return ids[places], ids[places + 1]


@mistake("stream_batches", hint=ROW_STARTS)
def remainder_shared_among_the_rows(ids, batch, steps):
    chunks, _ = _sizes(ids, batch, steps)
    length = (len(ids) - 1) // batch

    def rows(part):
        whole = part[: batch * length].reshape(batch, length)
        return _cut(whole[:, : chunks * steps], batch, chunks, steps)

    return rows(ids[:-1]), rows(ids[1:])


@mistake("stream_batches", hint=ROW_STARTS)
def rows_of_a_part_of_all_ids(ids, batch, steps):
    length = len(ids) // batch
    whole = ids[: batch * length].reshape(batch, length)
    chunks = (length - 1) // steps
    used = chunks * steps
    inputs, targets = whole[:, :used], whole[:, 1 : used + 1]
    return _cut(inputs, batch, chunks, steps), _cut(targets, batch, chunks, steps)


@mistake("stream_batches", hint=TARGETS)
def last_target_of_a_row_is_its_first_id(ids, batch, steps):
    chunks, used = _sizes(ids, batch, steps)
    rows = ids[:used].reshape(batch, -1) if used else ids[:0].reshape(batch, 0)
    shifted = np.roll(rows, -1, axis=1)
    return _cut(rows, batch, chunks, steps), _cut(shifted, batch, chunks, steps)


@mistake("stream_batches", hint=TARGETS)
def last_target_of_a_chunk_is_its_first_id(ids, batch, steps):
    inputs, _ = right.stream_batches(ids, batch, steps)
    return inputs, np.roll(inputs, -1, axis=2)


@mistake("stream_batches", hint=TARGETS)
def last_target_is_the_first_id_of_all(ids, batch, steps):
    chunks, used = _sizes(ids, batch, steps)
    shifted = np.roll(ids[:used], -1)
    return _cut(ids[:used], batch, chunks, steps), _cut(shifted, batch, chunks, steps)


@mistake("stream_batches", hint=TARGETS)
def last_target_of_a_chunk_repeated(ids, batch, steps):
    inputs, _ = right.stream_batches(ids, batch, steps)
    return inputs, np.concatenate([inputs[:, :, 1:], inputs[:, :, -1:]], axis=2)


@mistake("stream_batches", hint=TARGETS)
def targets_not_shifted(ids, batch, steps):
    inputs, _ = right.stream_batches(ids, batch, steps)
    return inputs, inputs.copy()


@mistake("stream_batches", hint=TARGETS)
def targets_two_steps_ahead(ids, batch, steps):
    chunks, used = _sizes(ids, batch, steps)
    late = np.append(ids, 0)[2 : used + 2]
    return _cut(ids[:used], batch, chunks, steps), _cut(late, batch, chunks, steps)


@mistake("stream_batches", hint=TARGETS)
def targets_of_the_step_before(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    return targets, inputs


@mistake("stream_batches", hint=TARGETS)
def targets_one_chunk_ahead(ids, batch, steps):
    inputs, _ = right.stream_batches(ids, batch, steps)
    return inputs, np.roll(inputs, -1, axis=0)


@mistake("stream_batches", hint=TARGETS)
def targets_of_the_next_row(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    return inputs, np.roll(targets, -1, axis=1)


@mistake("stream_batches", hint=CHUNKS)
def no_id_kept_for_the_last_target(ids, batch, steps):
    chunks = len(ids) // (batch * steps)
    used = batch * chunks * steps
    inputs, targets = ids[:used], np.resize(np.append(ids[1 : used + 1], ids[-1]), used)
    return _cut(inputs, batch, chunks, steps), _cut(targets, batch, chunks, steps)


@mistake("stream_batches", hint=CHUNKS)
def one_chunk_too_few(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    return inputs[:-1], targets[:-1]


@mistake("stream_batches", hint=CHUNKS)
def two_ids_kept_back(ids, batch, steps):
    return right.stream_batches(ids[:-1], batch, steps) if len(ids) > 1 else ([[[]]], [[[]]])


@mistake("stream_batches", hint=CHUNKS)
def room_for_one_more_id_in_each_chunk(ids, batch, steps):
    chunks = len(ids) // (batch * (steps + 1))
    used = batch * chunks * (steps + 1)
    whole = _cut(ids[:used], batch, chunks, steps + 1)
    return whole[:, :, :-1], whole[:, :, 1:]


@mistake("stream_batches", hint=CHUNKS)
def remainder_padded_with_zeros(ids, batch, steps):
    chunks = -(-(len(ids) - 1) // (batch * steps))
    used = batch * chunks * steps
    padded = np.zeros(used + 1, dtype=ids.dtype)
    padded[: len(ids)] = ids
    return _cut(padded[:-1], batch, chunks, steps), _cut(padded[1:], batch, chunks, steps)


@mistake("stream_batches", hint=CHUNKS)
def overlapping_windows(ids, batch, steps):
    windows = np.lib.stride_tricks.sliding_window_view(ids, steps + 1)
    chunks = len(windows) // batch
    whole = windows[: chunks * batch].reshape(batch, chunks, steps + 1).swapaxes(0, 1)
    return whole[:, :, :-1], whole[:, :, 1:]


@mistake("stream_batches", hint=ROWS)
def chunks_overlap_by_one(ids, batch, steps):
    chunks, _ = _sizes(ids, batch, steps)
    starts = np.arange(batch)[:, None] * chunks * steps
    starts = starts + np.arange(chunks)[:, None, None] * max(steps - 1, 0)
    places = starts + np.arange(steps)
    return ids[places], ids[places + 1]


@mistake("stream_batches", hint=REMAINDER)
def remainder_dropped_at_the_start(ids, batch, steps):
    _, used = _sizes(ids, batch, steps)
    return right.stream_batches(ids[len(ids) - used - 1 :], batch, steps)


@mistake("stream_batches", hint=REMAINDER)
def first_id_skipped(ids, batch, steps):
    chunks, used = _sizes(ids, batch, steps)
    late = np.append(ids, ids[0])
    inputs, targets = late[1 : used + 1], late[2 : used + 2]
    return _cut(inputs, batch, chunks, steps), _cut(targets, batch, chunks, steps)


@mistake("stream_batches", hint=ORDER)
def rows_shuffled(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    order = np.roll(np.arange(inputs.shape[1]), 1)
    return inputs[:, order], targets[:, order]


@mistake("stream_batches", hint=ORDER)
def rows_in_reverse(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    return inputs[:, ::-1], targets[:, ::-1]


@mistake("stream_batches", hint=ORDER)
def chunks_shuffled(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    order = np.roll(np.arange(len(inputs)), 1)
    return inputs[order], targets[order]


@mistake("stream_batches", hint=ORDER)
def chunks_in_reverse(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    return inputs[::-1], targets[::-1]


@mistake("stream_batches", hint=ORDER)
def ids_shuffled(ids, batch, steps):
    return right.stream_batches(np.random.default_rng(0).permutation(ids), batch, steps)


@mistake("stream_batches", hint=AXES)
def rows_before_chunks(ids, batch, steps):
    return tuple(a.swapaxes(0, 1) for a in right.stream_batches(ids, batch, steps))


@mistake("stream_batches", hint=AXES)
def steps_before_rows(ids, batch, steps):
    return tuple(a.swapaxes(1, 2) for a in right.stream_batches(ids, batch, steps))


@mistake("stream_batches", hint=AXES)
def all_chunks_in_one(ids, batch, steps):
    return tuple(
        a.swapaxes(0, 1).reshape(batch, -1) if a.size else np.zeros((batch, 0), int)
        for a in right.stream_batches(ids, batch, steps)
    )


@mistake("stream_batches", hint=EMPTY)
def list_of_chunks_without_a_shape(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    return np.array(list(inputs)), np.array(list(targets))


@mistake("stream_batches", hint=EMPTY)
def empty_list_stacked(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    return np.stack(list(inputs)), np.stack(list(targets))


@mistake("stream_batches", hint=EMPTY)
def length_of_the_rows_left_to_reshape(ids, batch, steps):
    chunks, used = _sizes(ids, batch, steps)

    def cut(part):
        return part.reshape(batch, chunks, -1).swapaxes(0, 1)

    return cut(ids[:used]), cut(ids[1 : used + 1])


@mistake("stream_batches", hint=EMPTY)
def too_few_ids_refused(ids, batch, steps):
    if len(ids) <= batch * steps:
        raise ValueError("too few ids")
    return right.stream_batches(ids, batch, steps)


@mistake("stream_batches", hint=EMPTY)
def nothing_for_too_few_ids(ids, batch, steps):
    return right.stream_batches(ids, batch, steps) if len(ids) > batch * steps else None


@mistake("stream_batches", hint=PAIR)
def list_of_pairs(ids, batch, steps):
    return list(zip(*right.stream_batches(ids, batch, steps), strict=True))


@mistake("stream_batches", hint=PAIR)
def inputs_only(ids, batch, steps):
    return right.stream_batches(ids, batch, steps)[0]


@mistake("stream_batches", hint=PAIR)
def target_of_the_last_step_only(ids, batch, steps):
    inputs, targets = right.stream_batches(ids, batch, steps)
    return inputs, targets[:, :, -1]


@mistake("stream_batches", hint=PAIR)
def inputs_and_targets_in_one(ids, batch, steps):
    return np.concatenate(right.stream_batches(ids, batch, steps), axis=2)


@mistake("stream_batches", hint=IN_PLACE)
def ids_shifted_in_place(ids, batch, steps):
    chunks, used = _sizes(ids, batch, steps)
    inputs = _cut(ids[:used].copy(), batch, chunks, steps)
    ids[:-1] = ids[1:]
    return inputs, _cut(ids[:used], batch, chunks, steps)


@mistake("stream_batches", hint=NO_RETURN)
def batches_not_returned(ids, batch, steps):
    right.stream_batches(ids, batch, steps)


@mistake("stream_batches", hint=UNKNOWN_NAME)
def text_of_another_cell(ids, batch, steps):
    return right.stream_batches(text_ids, batch, steps)  # noqa: F821


# truncated_bptt

RESET = """The state does not cross the cuts. What does the first step of a chunk start from, in the
forward pass and where the backward pass needs the state before it?"""
NO_CUT = """The gradient flows through the cuts. At which steps must it not go on to the step
before?"""
CUT_PLACES = """The gradient is cut at the wrong steps. The chunks have k steps, counted from the
start; only the last one may be shorter. Mark the cuts for T = 7 and k = 4 on paper."""
SOME_CHUNKS = "A chunk is missing in the gradient. Every chunk has its share, the last one too."
SCALE = """The gradient points the right way and has the wrong size, or its parts do. The loss is
one mean over all rows, all T steps and all outputs: by what is each squared error divided, and what
comes from the square?"""
LOSS = """The loss is not the mean of all squared errors. With chunks of unequal length, the mean of
their means is another number."""
LAST_STATE = "The third result is the state after the last step of all, (B, H)."
BEFORE = """The gradient of Wh is wrong where a chunk begins: which state stood before the first
step of that chunk?"""
OUTPUTS = """The gradients of the output weights are wrong. No cut has a part in them: Wy and by see
the states of all steps directly."""
PAST_OUTPUT = """The gradient of the states is wrong before any cut matters. Write down how the loss
changes with hs through hs Wy + by."""
WRONG_K = "What does the docstring say about k < 1?"
LONG_K = "Try k larger than T: then there is one chunk, and nothing is cut."
TRIPLE = "Three things are returned: the loss, a dict of five gradients, and the last state."
DECAY = """Within a chunk this is ordinary backpropagation through time: every step hands its
gradient to the step before, but for the first step of the chunk."""


def _forward(params, xs, ys, h0):
    hs = rnn_forward(xs, h0, params["Wx"], params["Wh"], params["b"])
    return hs, hs @ params["Wy"] + params["by"] - ys


def _output_gradients(params, hs, errors):
    dys = 2 * errors / errors.size
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    grads["Wy"], grads["by"] = np.einsum("bth,bto->ho", hs, dys), dys.sum(axis=(0, 1))
    return grads, dys @ params["Wy"].T


def _back(params, grads, dhs, xs, h0, hs, pieces):
    """Add what the chunks from the first to the second step of each piece give."""
    for start, stop in pieces:
        chunk = slice(start, stop)
        before = h0 if start == 0 else hs[:, start - 1]
        back = rnn_backward(
            dhs[:, chunk], xs[:, chunk], before, hs[:, chunk], params["Wx"], params["Wh"]
        )
        for name in ("Wx", "Wh", "b"):
            grads[name] = grads[name] + back[name]
    return grads


def _checked(k):
    if k < 1:
        raise ValueError(f"k is {k}; expected at least 1")


def _by_pieces(params, xs, ys, h0, k, pieces):
    """A right answer but for where the chunks begin and end."""
    _checked(k)
    hs, errors = _forward(params, xs, ys, h0)
    grads, dhs = _output_gradients(params, hs, errors)
    return np.mean(errors**2), _back(params, grads, dhs, xs, h0, hs, pieces), hs[:, -1]


def _pieces(steps, k):
    return [(start, min(start + k, steps)) for start in range(0, steps, max(k, 1))]


@mistake("truncated_bptt", hint=NO_CUT)
def no_cut_at_all(params, xs, ys, h0, k):
    return _by_pieces(params, xs, ys, h0, k, [(0, xs.shape[1])])


@mistake("truncated_bptt", hint=DECAY)
def cut_at_every_step(params, xs, ys, h0, k):
    return _by_pieces(params, xs, ys, h0, k, _pieces(xs.shape[1], 1))


@mistake("truncated_bptt", hint=CUT_PLACES)
def shorter_chunk_first(params, xs, ys, h0, k):
    _checked(k)
    steps = xs.shape[1]
    stops = list(range(steps, 0, -k))[::-1]
    return _by_pieces(params, xs, ys, h0, k, list(zip([0, *stops[:-1]], stops, strict=True)))


@mistake("truncated_bptt", hint=CUT_PLACES)
def chunks_one_step_longer(params, xs, ys, h0, k):
    return _by_pieces(params, xs, ys, h0, k, _pieces(xs.shape[1], max(k, 0) + 1))


@mistake("truncated_bptt", hint=CUT_PLACES)
def chunks_one_step_shorter(params, xs, ys, h0, k):
    return _by_pieces(params, xs, ys, h0, k, _pieces(xs.shape[1], max(k - 1, 1)))


@mistake("truncated_bptt", hint=CUT_PLACES)
def k_chunks_instead_of_k_steps(params, xs, ys, h0, k):
    length = -(-xs.shape[1] // max(k, 1))
    return _by_pieces(params, xs, ys, h0, k, _pieces(xs.shape[1], length))


@mistake("truncated_bptt", hint=CUT_PLACES)
def one_cut_only(params, xs, ys, h0, k):
    steps = xs.shape[1]
    pieces = [(0, k), (k, steps)] if k < steps else [(0, steps)]
    return _by_pieces(params, xs, ys, h0, k, pieces)


@mistake("truncated_bptt", hint=CUT_PLACES)
def remainder_joined_to_the_last_chunk(params, xs, ys, h0, k):
    steps = xs.shape[1]
    stops = [*range(k, steps - k + 1, max(k, 1)), steps]
    return _by_pieces(params, xs, ys, h0, k, list(zip([0, *stops[:-1]], stops, strict=True)))


@mistake("truncated_bptt", hint=CUT_PLACES)
def k_steps_back_from_every_step(params, xs, ys, h0, k):
    _checked(k)
    hs, errors = _forward(params, xs, ys, h0)
    grads, dhs = _output_gradients(params, hs, errors)
    for t in range(xs.shape[1]):
        alone = np.zeros_like(dhs)
        alone[:, t] = dhs[:, t]
        _back(params, grads, alone, xs, h0, hs, [(max(0, t - k + 1), t + 1)])
    return np.mean(errors**2), grads, hs[:, -1]


@mistake("truncated_bptt", hint=CUT_PLACES)
def gradient_of_the_last_step_of_each_chunk(params, xs, ys, h0, k):
    _checked(k)
    hs, errors = _forward(params, xs, ys, h0)
    grads, dhs = _output_gradients(params, hs, errors)
    kept = np.zeros_like(dhs)
    for _, stop in _pieces(xs.shape[1], k):
        kept[:, stop - 1] = dhs[:, stop - 1]
    _back(params, grads, kept, xs, h0, hs, _pieces(xs.shape[1], k))
    return np.mean(errors**2), grads, hs[:, -1]


@mistake("truncated_bptt", hint=RESET)
def state_reset_at_each_cut(params, xs, ys, h0, k):
    _checked(k)
    parts, errors = [], []
    for start, stop in _pieces(xs.shape[1], k):
        hs, e = _forward(params, xs[:, start:stop], ys[:, start:stop], h0 if start == 0 else 0 * h0)
        parts.append(hs)
        errors.append(e)
    hs, errors = np.concatenate(parts, axis=1), np.concatenate(errors, axis=1)
    grads, dhs = _output_gradients(params, hs, errors)
    for start, stop in _pieces(xs.shape[1], k):
        chunk = slice(start, stop)
        before = h0 if start == 0 else 0 * h0
        back = rnn_backward(
            dhs[:, chunk], xs[:, chunk], before, hs[:, chunk], params["Wx"], params["Wh"]
        )
        for name in back.keys() & grads.keys():
            grads[name] = grads[name] + back[name]
    return np.mean(errors**2), grads, hs[:, -1]


@mistake("truncated_bptt", hint=RESET)
def every_chunk_starts_from_h0(params, xs, ys, h0, k):
    _checked(k)
    parts, grads = [], {name: 0.0 for name in params}
    squares, size = 0.0, ys.size
    for start, stop in _pieces(xs.shape[1], k):
        x, y = xs[:, start:stop], ys[:, start:stop]
        hs, errors = _forward(params, x, y, h0)
        own, dhs = _output_gradients(params, hs, errors * errors.size / size)
        own = _back(params, own, dhs, x, h0, hs, [(0, stop - start)])
        grads = {name: grads[name] + own[name] for name in grads}
        squares += np.sum(errors**2)
        parts.append(hs)
    return squares / size, grads, parts[-1][:, -1]


@mistake("truncated_bptt", hint=RESET)
def h0_left_out(params, xs, ys, h0, k):
    return right.truncated_bptt(params, xs, ys, np.zeros_like(h0), k)


def _with_before(params, xs, ys, h0, k, state_before):
    """A right answer but for the state that stands before a chunk."""
    _checked(k)
    hs, errors = _forward(params, xs, ys, h0)
    grads, dhs = _output_gradients(params, hs, errors)
    for start, stop in _pieces(xs.shape[1], k):
        chunk = slice(start, stop)
        before = state_before(start, stop, hs)
        back = rnn_backward(
            dhs[:, chunk], xs[:, chunk], before, hs[:, chunk], params["Wx"], params["Wh"]
        )
        for name in ("Wx", "Wh", "b"):
            grads[name] = grads[name] + back[name]
    return np.mean(errors**2), grads, hs[:, -1]


@mistake("truncated_bptt", hint=BEFORE)
def h0_before_every_chunk_in_the_backward_pass(params, xs, ys, h0, k):
    return _with_before(params, xs, ys, h0, k, lambda start, stop, hs: h0)


@mistake("truncated_bptt", hint=BEFORE)
def zeros_before_every_chunk_in_the_backward_pass(params, xs, ys, h0, k):
    return _with_before(params, xs, ys, h0, k, lambda start, stop, hs: h0 if start == 0 else 0 * h0)


@mistake("truncated_bptt", hint=BEFORE)
def first_state_of_the_chunk_taken_for_the_one_before(params, xs, ys, h0, k):
    return _with_before(
        params, xs, ys, h0, k, lambda start, stop, hs: h0 if start == 0 else hs[:, start]
    )


@mistake("truncated_bptt", hint=BEFORE)
def last_state_of_all_before_the_first_chunk(params, xs, ys, h0, k):
    return _with_before(params, xs, ys, h0, k, lambda start, stop, hs: hs[:, start - 1])


@mistake("truncated_bptt", hint=SOME_CHUNKS)
def gradient_of_the_last_chunk_only(params, xs, ys, h0, k):
    return _by_pieces(params, xs, ys, h0, k, _pieces(xs.shape[1], k)[-1:])


@mistake("truncated_bptt", hint=SOME_CHUNKS)
def gradient_of_the_first_chunk_only(params, xs, ys, h0, k):
    return _by_pieces(params, xs, ys, h0, k, _pieces(xs.shape[1], k)[:1])


@mistake("truncated_bptt", hint=SOME_CHUNKS)
def incomplete_chunk_dropped_from_the_gradient(params, xs, ys, h0, k):
    pieces = [(a, b) for a, b in _pieces(xs.shape[1], k) if b - a == k]
    return _by_pieces(params, xs, ys, h0, k, pieces)


@mistake("truncated_bptt", hint=SOME_CHUNKS)
def incomplete_chunk_dropped_altogether(params, xs, ys, h0, k):
    _checked(k)
    steps = xs.shape[1] // k * k
    return right.truncated_bptt(params, xs[:, :steps], ys[:, :steps], h0, k)


@mistake("truncated_bptt", hint=SOME_CHUNKS)
def last_chunk_alone(params, xs, ys, h0, k):
    _checked(k)
    start, stop = _pieces(xs.shape[1], k)[-1]
    hs, _ = _forward(params, xs, ys, h0)
    before = h0 if start == 0 else hs[:, start - 1]
    return right.truncated_bptt(params, xs[:, start:stop], ys[:, start:stop], before, k)


def _chunk_by_chunk(params, xs, ys, h0, k, weigh):
    """Chunks computed one by one; weigh(steps of the chunk, all steps, number of chunks)."""
    _checked(k)
    loss, grads, h = 0.0, {name: 0.0 for name in params}, h0
    pieces = _pieces(xs.shape[1], k)
    for start, stop in pieces:
        own, part, h = right.truncated_bptt(params, xs[:, start:stop], ys[:, start:stop], h, k)
        for_loss, for_grads = weigh(stop - start, xs.shape[1], len(pieces))
        loss += for_loss * own
        grads = {name: grads[name] + for_grads * part[name] for name in grads}
    return loss, grads, h


@mistake("truncated_bptt", hint=LOSS)
def mean_of_the_means_of_the_chunks(params, xs, ys, h0, k):
    return _chunk_by_chunk(params, xs, ys, h0, k, lambda n, steps, many: (1 / many, 1 / many))


@mistake("truncated_bptt", hint=LOSS)
def loss_is_the_mean_of_the_means_of_the_chunks(params, xs, ys, h0, k):
    return _chunk_by_chunk(params, xs, ys, h0, k, lambda n, steps, many: (1 / many, n / steps))


@mistake("truncated_bptt", hint=LOSS)
def losses_of_the_chunks_added_up(params, xs, ys, h0, k):
    return _chunk_by_chunk(params, xs, ys, h0, k, lambda n, steps, many: (1, 1))


@mistake("truncated_bptt", hint=LOSS)
def chunks_weighed_by_k_over_t(params, xs, ys, h0, k):
    return _chunk_by_chunk(params, xs, ys, h0, k, lambda n, steps, many: (k / steps, k / steps))


@mistake("truncated_bptt", hint=LOSS)
def loss_of_the_last_chunk_returned(params, xs, ys, h0, k):
    _, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
    _, errors = _forward(params, xs, ys, h0)
    start, stop = _pieces(xs.shape[1], k)[-1]
    return np.mean(errors[:, start:stop] ** 2), grads, last


def _loss_otherwise(measure):
    """A right gradient beside another loss."""

    def answer(params, xs, ys, h0, k):
        _, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
        return measure(_forward(params, xs, ys, h0)[1]), grads, last

    return answer


def named(name, answer):
    """The answer under a name that says what is wrong with it."""
    answer.__name__ = name
    return answer


for _name, _measure in (
    ("loss is a sum", lambda e: np.sum(e**2)),
    ("loss is half the mean", lambda e: 0.5 * np.mean(e**2)),
    ("loss is a root", lambda e: np.sqrt(np.mean(e**2))),
    ("loss is a mean of absolute errors", lambda e: np.mean(np.abs(e))),
    ("loss summed over the outputs", lambda e: np.sum(e**2) / np.prod(e.shape[:2])),
    ("loss of the last step", lambda e: np.mean(e[:, -1] ** 2)),
):
    mistake("truncated_bptt", hint=LOSS)(named(_name, _loss_otherwise(_measure)))


def _scaled(factor):
    """A right loss beside a gradient of another size."""

    def answer(params, xs, ys, h0, k):
        loss, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
        return loss, {n: g * factor(xs, ys, k) for n, g in grads.items()}, last

    return answer


for _name, _factor in (
    ("factor 2 of the square missing", lambda xs, ys, k: 0.5),
    ("gradient of the sum", lambda xs, ys, k: ys.size),
    ("gradient not divided by the outputs", lambda xs, ys, k: ys.shape[2]),
    ("gradient not divided by the rows", lambda xs, ys, k: ys.shape[0]),
    ("gradient not divided by the steps", lambda xs, ys, k: ys.shape[1]),
    ("gradient divided by k instead of T", lambda xs, ys, k: ys.shape[1] / k),
    ("gradient divided by the number of chunks", lambda xs, ys, k: 1 / -(-ys.shape[1] // k)),
    ("sign of the gradient turned", lambda xs, ys, k: -1.0),
):
    mistake("truncated_bptt", hint=SCALE)(named(_name, _scaled(_factor)))


@mistake("truncated_bptt", hint=OUTPUTS)
def output_gradients_of_the_last_chunk_only(params, xs, ys, h0, k):
    loss, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
    hs, errors = _forward(params, xs, ys, h0)
    start, _ = _pieces(xs.shape[1], k)[-1]
    errors[:, :start] = 0
    own, _ = _output_gradients(params, hs, errors)
    return loss, grads | {"Wy": own["Wy"], "by": own["by"]}, last


@mistake("truncated_bptt", hint=OUTPUTS)
def output_gradients_missing(params, xs, ys, h0, k):
    loss, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
    return loss, grads | {"Wy": 0 * grads["Wy"], "by": 0 * grads["by"]}, last


@mistake("truncated_bptt", hint=OUTPUTS)
def gradient_of_by_averaged(params, xs, ys, h0, k):
    loss, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
    return loss, grads | {"by": grads["by"] / np.prod(xs.shape[:2])}, last


@mistake("truncated_bptt", hint=PAST_OUTPUT)
def errors_taken_for_the_gradient_of_the_states(params, xs, ys, h0, k):
    _checked(k)
    hs, errors = _forward(params, xs, ys, h0)
    grads, _ = _output_gradients(params, hs, errors)
    flat = np.repeat(errors.sum(axis=2, keepdims=True), hs.shape[2], axis=2) * 2 / errors.size
    _back(params, grads, flat, xs, h0, hs, _pieces(xs.shape[1], k))
    return np.mean(errors**2), grads, hs[:, -1]


@mistake("truncated_bptt", hint=PAST_OUTPUT)
def tanh_differentiated_twice(params, xs, ys, h0, k):
    _checked(k)
    hs, errors = _forward(params, xs, ys, h0)
    grads, dhs = _output_gradients(params, hs, errors)
    _back(params, grads, dhs * (1 - hs**2), xs, h0, hs, _pieces(xs.shape[1], k))
    return np.mean(errors**2), grads, hs[:, -1]


@mistake("truncated_bptt", hint=PAST_OUTPUT)
def targets_shifted_by_a_step(params, xs, ys, h0, k):
    return right.truncated_bptt(params, xs, np.roll(ys, 1, axis=1), h0, k)


@mistake("truncated_bptt", hint=PAST_OUTPUT)
def output_bias_left_out(params, xs, ys, h0, k):
    loss, grads, last = right.truncated_bptt(
        params | {"by": np.zeros_like(params["by"])}, xs, ys, h0, k
    )
    return loss, grads, last


@mistake("truncated_bptt", hint=DECAY)
def gradient_of_wh_from_the_same_step(params, xs, ys, h0, k):
    _checked(k)
    hs, errors = _forward(params, xs, ys, h0)
    grads, dhs = _output_gradients(params, hs, errors)
    for start, stop in _pieces(xs.shape[1], k):
        carried = np.zeros_like(h0)
        for t in reversed(range(start, stop)):
            da = (dhs[:, t] + carried) * (1 - hs[:, t] ** 2)
            grads["Wx"] = grads["Wx"] + xs[:, t].T @ da
            grads["Wh"] = grads["Wh"] + hs[:, t].T @ da
            grads["b"] = grads["b"] + da.sum(axis=0)
            carried = da @ params["Wh"].T
    return np.mean(errors**2), grads, hs[:, -1]


@mistake("truncated_bptt", hint=DECAY)
def carried_through_wh_instead_of_its_transpose(params, xs, ys, h0, k):
    _checked(k)
    hs, errors = _forward(params, xs, ys, h0)
    grads, dhs = _output_gradients(params, hs, errors)
    for start, stop in _pieces(xs.shape[1], k):
        carried = np.zeros_like(h0)
        for t in reversed(range(start, stop)):
            da = (dhs[:, t] + carried) * (1 - hs[:, t] ** 2)
            grads["Wx"] = grads["Wx"] + xs[:, t].T @ da
            grads["Wh"] = grads["Wh"] + (hs[:, t - 1] if t else h0).T @ da
            grads["b"] = grads["b"] + da.sum(axis=0)
            carried = da @ params["Wh"]
    return np.mean(errors**2), grads, hs[:, -1]


def _another_state(take):
    """Right but for the third result."""

    def answer(params, xs, ys, h0, k):
        loss, grads, _ = right.truncated_bptt(params, xs, ys, h0, k)
        return loss, grads, take(_forward(params, xs, ys, h0)[0], h0, k)

    return answer


for _name, _take in (
    ("state before the last chunk", lambda hs, h0, k: _before_last(hs, h0, k)),
    ("state of the first cut", lambda hs, h0, k: hs[:, min(k, hs.shape[1]) - 1]),
    ("state one step early", lambda hs, h0, k: hs[:, -2] if hs.shape[1] > 1 else h0),
    ("first state", lambda hs, h0, k: hs[:, 0]),
    ("h0 handed back", lambda hs, h0, k: h0),
    ("state of the last full chunk", lambda hs, h0, k: _last_full(hs, h0, k)),
    ("all states", lambda hs, h0, k: hs),
    ("state of the last row", lambda hs, h0, k: hs[-1]),
):
    mistake("truncated_bptt", hint=LAST_STATE)(named(_name, _another_state(_take)))


def _before_last(hs, h0, k):
    start, _ = _pieces(hs.shape[1], k)[-1]
    return hs[:, start - 1] if start else h0


def _last_full(hs, h0, k):
    full = hs.shape[1] // k * k
    return hs[:, full - 1] if full else h0


@mistake("truncated_bptt", hint=WRONG_K)
def k_below_one_taken_for_one(params, xs, ys, h0, k):
    return right.truncated_bptt(params, xs, ys, h0, max(k, 1))


@mistake("truncated_bptt", hint=WRONG_K)
def k_of_zero_taken_for_no_cut(params, xs, ys, h0, k):
    return right.truncated_bptt(params, xs, ys, h0, k if k > 0 else xs.shape[1])


@mistake("truncated_bptt", hint=WRONG_K)
def assertion_for_k(params, xs, ys, h0, k):
    assert k >= 1, "k must be at least 1"
    return right.truncated_bptt(params, xs, ys, h0, k)


@mistake("truncated_bptt", hint=WRONG_K)
def only_k_of_zero_refused(params, xs, ys, h0, k):
    if k == 0:
        raise ValueError("k is 0; expected at least 1")
    return right.truncated_bptt(params, xs, ys, h0, abs(k))


@mistake("truncated_bptt", hint=WRONG_K)
def k_of_one_refused(params, xs, ys, h0, k):
    if k <= 1:
        raise ValueError(f"k is {k}")
    return right.truncated_bptt(params, xs, ys, h0, k)


@mistake("truncated_bptt", hint=LONG_K)
def k_beyond_the_end_refused(params, xs, ys, h0, k):
    if k > xs.shape[1]:
        raise ValueError(f"k is {k}; expected at most {xs.shape[1]}")
    return right.truncated_bptt(params, xs, ys, h0, k)


@mistake("truncated_bptt", hint=LONG_K)
def chunks_assumed_to_fit(params, xs, ys, h0, k):
    _checked(k)
    if xs.shape[1] % k:
        raise ValueError("cannot reshape array")
    return right.truncated_bptt(params, xs, ys, h0, k)


@mistake("truncated_bptt", hint=TRIPLE)
def last_state_not_returned(params, xs, ys, h0, k):
    return right.truncated_bptt(params, xs, ys, h0, k)[:2]


@mistake("truncated_bptt", hint=TRIPLE)
def gradients_in_a_tuple(params, xs, ys, h0, k):
    loss, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
    return loss, tuple(grads.values()), last


@mistake("truncated_bptt", hint=TRIPLE)
def losses_of_the_chunks_in_a_list(params, xs, ys, h0, k):
    _, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
    _, errors = _forward(params, xs, ys, h0)
    return [np.mean(errors[:, a:b] ** 2) for a, b in _pieces(xs.shape[1], k)], grads, last


@mistake("truncated_bptt", hint=TRIPLE)
def keys_begin_with_d(params, xs, ys, h0, k):
    loss, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
    return loss, {f"d{name}": g for name, g in grads.items()}, last


@mistake("truncated_bptt", hint=IN_PLACE)
def parameters_updated(params, xs, ys, h0, k):
    found = right.truncated_bptt(params, xs, ys, h0, k)
    for name, gradient in found[1].items():
        params[name] -= 0.1 * gradient
    return found


@mistake("truncated_bptt", hint=IN_PLACE)
def gradients_written_over_the_parameters(params, xs, ys, h0, k):
    loss, grads, last = right.truncated_bptt(params, xs, ys, h0, k)
    for name in params:
        params[name][...] = grads[name]
    return loss, params, last


@mistake("truncated_bptt", hint=IN_PLACE)
def h0_moved_on_in_place(params, xs, ys, h0, k):
    found = right.truncated_bptt(params, xs, ys, h0, k)
    h0[...] = found[2]
    return found


@mistake("truncated_bptt", hint=IN_PLACE)
def targets_turned_into_errors_in_place(params, xs, ys, h0, k):
    found = right.truncated_bptt(params, xs, ys, h0, k)
    ys -= 1.0
    return found


@mistake("truncated_bptt", hint=NO_RETURN)
def gradients_not_returned(params, xs, ys, h0, k):
    right.truncated_bptt(params, xs, ys, h0, k)


@mistake("truncated_bptt", hint=UNKNOWN_NAME)
def steps_of_another_cell(params, xs, ys, h0, k):
    for start in range(0, T, k):  # noqa: F821
        start += k
    return right.truncated_bptt(params, xs, ys, h0, k)


# tbptt_train_step

LEAK = """The values are right, but a gradient still flows through the states that are returned.
The caller may have a GradientTape of its own: what cuts a tensor off from its past?"""
STATES_LOST = """The state does not go from chunk to chunk. Which states go into the model, and
which of its two results are the next chunk's?"""
LATE_STATES = """The states returned are not those of the call that gave the loss. Keep what the
model returned there: neither a second call nor the updated weights have a part in them."""
TRAIN_LOSS = """The loss that is returned is not loss_fn's for this chunk before the update. Look at
the order of its arguments and at the moment when it is computed."""
UPDATE = """The weights after the step are wrong. The gradient is that of the loss for the model's
trainable variables, and the optimizer that you were given applies it, once."""
NO_GRADIENT = """No gradient reaches the weights. What must happen inside the tape, and is anything
turned into NumPy or cut off on the way from the weights to the loss?"""
TWO_RESULTS = """Two things are returned, in this order: the loss, and a list of states as long as
the one that came in."""


def _stopped(states):
    return [tf.stop_gradient(state) for state in states]


def _loss_and_states(model, loss_fn, x, y, states):
    outputs, new_states = model(x, states)
    return loss_fn(y, outputs), new_states


def _step(model, optimizer, loss_fn, x, y, states, change=lambda gradients: gradients):
    """A right step but for a change of the gradients; the states are as the model returned them."""
    with tf.GradientTape() as tape:
        loss, new_states = _loss_and_states(model, loss_fn, x, y, states)
    gradients = change(tape.gradient(loss, model.trainable_variables))
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss, new_states


@mistake("tbptt_train_step", hint=LEAK)
def states_returned_as_they_are(model, optimizer, loss_fn, x, y, states):
    return _step(model, optimizer, loss_fn, x, y, states)


@mistake("tbptt_train_step", hint=LEAK)
def states_copied_but_not_cut(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, [tf.identity(state) for state in new_states]


@mistake("tbptt_train_step", hint=LEAK)
def states_cut_on_the_way_in_only(model, optimizer, loss_fn, x, y, states):
    return _step(model, optimizer, loss_fn, x, y, _stopped(states))


@mistake("tbptt_train_step", hint=LEAK)
def recording_stopped_too_late(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        loss, new_states = _loss_and_states(model, loss_fn, x, y, states)
        with tape.stop_recording():
            new_states = [tf.identity(state) for state in new_states]
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss, new_states


@mistake("tbptt_train_step", hint=LEAK)
def only_the_first_state_cut(model, optimizer, loss_fn, x, y, states):
    loss, (first, *others) = _step(model, optimizer, loss_fn, x, y, states)
    return loss, [tf.stop_gradient(first), *others] if others else [first]


@mistake("tbptt_train_step", hint=STATES_LOST)
def given_states_handed_back(model, optimizer, loss_fn, x, y, states):
    loss, _ = _step(model, optimizer, loss_fn, x, y, states)
    return loss, _stopped(states)


@mistake("tbptt_train_step", hint=STATES_LOST)
def zeros_returned(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, [tf.zeros_like(state) for state in new_states]


@mistake("tbptt_train_step", hint=STATES_LOST)
def given_states_replaced_by_zeros(model, optimizer, loss_fn, x, y, states):
    loss, new = _step(model, optimizer, loss_fn, x, y, [tf.zeros_like(s) for s in states])
    return loss, _stopped(new)


@mistake("tbptt_train_step", hint=STATES_LOST)
def states_in_reverse_order(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, _stopped([0.5 * s for s in new_states] if len(states) == 1 else new_states[::-1])


@mistake("tbptt_train_step", hint=STATES_LOST)
def one_state_for_all(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, _stopped([new_states[0]] * len(states))


@mistake("tbptt_train_step", hint=STATES_LOST)
def states_averaged_over_the_batch(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, [
        tf.stop_gradient(tf.reduce_mean(s, axis=0, keepdims=True) + 0 * s) for s in new_states
    ]


@mistake("tbptt_train_step", hint=STATES_LOST)
def states_of_two_chunks_added(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, _stopped([a + b for a, b in zip(states, new_states, strict=True)])


@mistake("tbptt_train_step", hint=LATE_STATES)
def states_of_the_updated_weights(model, optimizer, loss_fn, x, y, states):
    loss, _ = _step(model, optimizer, loss_fn, x, y, states)
    return loss, _stopped(model(x, states)[1])


@mistake("tbptt_train_step", hint=LATE_STATES)
def chunk_read_twice(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, _stopped(model(x, new_states)[1])


@mistake("tbptt_train_step", hint=TRAIN_LOSS)
def loss_after_the_update(model, optimizer, loss_fn, x, y, states):
    _, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss_fn(y, model(x, states)[0]), _stopped(new_states)


@mistake("tbptt_train_step", hint=TRAIN_LOSS)
def predictions_and_targets_exchanged(model, optimizer, loss_fn, x, y, states):
    loss, new = _step(model, optimizer, lambda true, pred: loss_fn(pred, true), x, y, states)
    return loss, _stopped(new)


@mistake("tbptt_train_step", hint=TRAIN_LOSS)
def loss_of_the_last_step_only(model, optimizer, loss_fn, x, y, states):
    loss, new = _step(
        model, optimizer, lambda true, pred: loss_fn(true[:, -1:], pred[:, -1:]), x, y, states
    )
    return loss, _stopped(new)


@mistake("tbptt_train_step", hint=TRAIN_LOSS)
def loss_summed_over_the_batch(model, optimizer, loss_fn, x, y, states):
    loss, new = _step(model, optimizer, loss_fn, x, y, states)
    return loss * len(x), _stopped(new)


@mistake("tbptt_train_step", hint=TRAIN_LOSS)
def mean_square_error_whatever_the_loss(model, optimizer, loss_fn, x, y, states):
    def square(true, pred):
        return tf.reduce_mean(tf.square(true - pred))

    loss, new = _step(model, optimizer, square, x, y, states)
    return loss, _stopped(new)


@mistake("tbptt_train_step", hint=TRAIN_LOSS)
def targets_replaced_by_the_mean_input(model, optimizer, loss_fn, x, y, states):
    wrong = 0 * y + tf.reduce_mean(x)
    loss, new = _step(model, optimizer, loss_fn, x, wrong, states)
    return loss, _stopped(new)


@mistake("tbptt_train_step", hint=UPDATE)
def no_update(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _loss_and_states(model, loss_fn, x, y, states)
    return loss, _stopped(new_states)


@mistake("tbptt_train_step", hint=UPDATE)
def updated_twice(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    _step(model, optimizer, loss_fn, x, y, states)
    return loss, _stopped(new_states)


@mistake("tbptt_train_step", hint=UPDATE)
def optimizer_made_anew(model, optimizer, loss_fn, x, y, states):
    fresh = keras.optimizers.SGD(float(optimizer.learning_rate.numpy()), optimizer.momentum)
    loss, new_states = _step(model, fresh, loss_fn, x, y, states)
    return loss, _stopped(new_states)


@mistake("tbptt_train_step", hint=UPDATE)
def another_optimizer(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, keras.optimizers.Adam(), loss_fn, x, y, states)
    return loss, _stopped(new_states)


@mistake("tbptt_train_step", hint=UPDATE)
def weights_moved_by_hand(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        loss, new_states = _loss_and_states(model, loss_fn, x, y, states)
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        variable.assign_sub(0.01 * gradient)
    return loss, _stopped(new_states)


@mistake("tbptt_train_step", hint=UPDATE)
def uphill(model, optimizer, loss_fn, x, y, states):
    loss, new = _step(
        model, optimizer, loss_fn, x, y, states, lambda gradients: [-g for g in gradients]
    )
    return loss, _stopped(new)


@mistake("tbptt_train_step", hint=UPDATE)
def gradients_clipped_closely(model, optimizer, loss_fn, x, y, states):
    loss, new = _step(
        model, optimizer, loss_fn, x, y, states, lambda g: tf.clip_by_global_norm(g, 0.01)[0]
    )
    return loss, _stopped(new)


@mistake("tbptt_train_step", hint=UPDATE)
def only_the_last_layer_trained(model, optimizer, loss_fn, x, y, states):
    loss, new = _step(
        model, optimizer, loss_fn, x, y, states, lambda g: [*(0 * a for a in g[:-2]), *g[-2:]]
    )
    return loss, _stopped(new)


@mistake("tbptt_train_step", hint=UPDATE)
def gradient_of_the_outputs(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        outputs, new_states = model(x, states)
        total = tf.reduce_sum(outputs)
    gradients = tape.gradient(total, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss_fn(y, outputs), _stopped(new_states)


@mistake("tbptt_train_step", hint=UPDATE)
def gradient_through_the_new_states_too(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        loss, new_states = _loss_and_states(model, loss_fn, x, y, states)
        total = loss + tf.add_n([tf.reduce_sum(state) for state in new_states])
    gradients = tape.gradient(total, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss, _stopped(new_states)


@mistake("tbptt_train_step", hint=NO_GRADIENT)
def model_called_outside_the_tape(model, optimizer, loss_fn, x, y, states):
    outputs, new_states = model(x, states)
    with tf.GradientTape() as tape:
        loss = loss_fn(y, outputs)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss, _stopped(new_states)


@mistake("tbptt_train_step", hint=NO_GRADIENT)
def loss_of_arrays(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        outputs, new_states = model(x, states)
        loss = loss_fn(y, outputs.numpy())
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss, _stopped(new_states)


@mistake("tbptt_train_step", hint=NO_GRADIENT)
def outputs_cut_off(model, optimizer, loss_fn, x, y, states):
    with tf.GradientTape() as tape:
        outputs, new_states = model(x, states)
        loss = loss_fn(y, tf.stop_gradient(outputs))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
    return loss, _stopped(new_states)


@mistake("tbptt_train_step", hint=TWO_RESULTS)
def loss_only(model, optimizer, loss_fn, x, y, states):
    return _step(model, optimizer, loss_fn, x, y, states)[0]


@mistake("tbptt_train_step", hint=TWO_RESULTS)
def states_before_loss(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return _stopped(new_states), loss


@mistake("tbptt_train_step", hint=TWO_RESULTS)
def outputs_returned_too(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, _stopped(new_states), model(x, states)[0]


@mistake("tbptt_train_step", hint=TWO_RESULTS)
def states_joined_into_one_tensor(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, tf.stop_gradient(tf.concat(new_states, axis=1))


@mistake("tbptt_train_step", hint=TWO_RESULTS)
def first_state_only(model, optimizer, loss_fn, x, y, states):
    loss, new_states = _step(model, optimizer, loss_fn, x, y, states)
    return loss, tf.stop_gradient(new_states[0])


@mistake("tbptt_train_step", hint=NO_RETURN)
def step_returns_nothing(model, optimizer, loss_fn, x, y, states):
    _step(model, optimizer, loss_fn, x, y, states)


# multires_window

AHEAD = """The window reaches day t or beyond. The last day in it is the one before t: which index
is that, and where does a slice end?"""
PLACE = """The blocks lie at the wrong days. They touch without gap or overlap, and the last single
day is t - 1: on paper, where do the days, the weeks and the months begin?"""
MEANS = "An entry for a month or a week is the mean of its days."
WINDOW_ORDER = """The right numbers in the wrong order: the oldest comes first, in each part and
altogether."""
LENGTHS = "How many days has a month here, and how many has a week?"
REFUSE = """When is a ValueError due, and when not? There must be enough days before t, exactly
enough will do, and t itself may be as large as the length of the series."""
COUNTS = """Months, weeks and days may each be 0 and have defaults. A slice that ends at -0, or a
mean of nothing, is not what you want."""
WHOLE_NUMBERS = """The means are cut to whole numbers. What type of number does the array that you
fill hold?"""
ONE_ARRAY = "One array is returned, with one axis: months, then weeks, then days."


def _needed(months, weeks, days):
    return 30 * months + 7 * weeks + days


def _refuse(series, t, needed):
    if t < needed or t > len(series):
        raise ValueError(f"t is {t}; expected {needed} to {len(series)}")


def _blocks(series, start, count, length):
    return series[start : start + count * length].reshape(count, length)


def _window(series, t, months, weeks, days, month=30, week=7, reduce=np.mean, shift=0):
    """A right window but for some changes."""
    _refuse(series, t, _needed(months, weeks, days))
    start = t + shift - (month * months + week * weeks + days)
    parts = []
    for count, length in ((months, month), (weeks, week), (days, 1)):
        parts.append(reduce(_blocks(series, start, count, length), axis=1))
        start += count * length
    return np.concatenate(parts)


@mistake("multires_window", hint=AHEAD)
def ends_with_day_t(series, t, months=60, weeks=5, days=5):
    longer = np.append(series, series[-1])
    return _window(longer[: len(series) + 1], t, months, weeks, days, shift=1)


@mistake("multires_window", hint=AHEAD)
def starts_at_day_t(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    _refuse(series, t, needed)
    return _window(np.resize(series, t + needed), t + needed, months, weeks, days)


@mistake("multires_window", hint=AHEAD)
def counted_from_the_end_of_the_series(series, t, months=60, weeks=5, days=5):
    _refuse(series, t, _needed(months, weeks, days))
    return _window(series, len(series), months, weeks, days)


@mistake("multires_window", hint=AHEAD)
def days_from_t_on(series, t, months=60, weeks=5, days=5):
    window = _window(series, t, months, weeks, days)
    later = np.resize(series[t:], days) if t < len(series) else np.zeros(days)
    return np.concatenate([window[: months + weeks], later])


@mistake("multires_window", hint=PLACE)
def ends_a_day_early(series, t, months=60, weeks=5, days=5):
    _refuse(series, t, _needed(months, weeks, days))
    return _window(np.append(series[:1], series), t, months, weeks, days)


@mistake("multires_window", hint=PLACE)
def counted_from_the_start_of_the_series(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    _refuse(series, t, needed)
    if t == needed:
        return np.zeros(months + weeks + days)
    return _window(series, needed, months, weeks, days)


def _parts(series, t, months, weeks, days, ends):
    """Months, weeks and days that end at three days of their own; the series wraps around."""
    _refuse(series, t, _needed(months, weeks, days))
    parts = []
    for count, length, end in zip((months, weeks, days), (30, 7, 1), ends, strict=True):
        places = np.arange(end - count * length, end) % len(series)
        parts.append(series[places].reshape(count, length).mean(axis=1))
    return np.concatenate(parts)


@mistake("multires_window", hint=PLACE)
def all_three_end_at_t(series, t, months=60, weeks=5, days=5):
    return _parts(series, t, months, weeks, days, (t, t, t))


@mistake("multires_window", hint=PLACE)
def months_overlap_the_weeks(series, t, months=60, weeks=5, days=5):
    return _parts(series, t, months, weeks, days, (t - days, t - days, t))


@mistake("multires_window", hint=PLACE)
def weeks_overlap_the_days(series, t, months=60, weeks=5, days=5):
    return _parts(series, t, months, weeks, days, (t - 7 * weeks, t, t))


@mistake("multires_window", hint=PLACE)
def a_day_between_the_weeks_and_the_days(series, t, months=60, weeks=5, days=5):
    return _parts(series, t, months, weeks, days, (t - days - 7 * weeks - 1, t - days - 1, t))


@mistake("multires_window", hint=PLACE)
def a_day_between_the_months_and_the_weeks(series, t, months=60, weeks=5, days=5):
    return _parts(series, t, months, weeks, days, (t - days - 7 * weeks - 1, t - days, t))


@mistake("multires_window", hint=PLACE)
def gap_of_a_week_before_the_days(series, t, months=60, weeks=5, days=5):
    return _parts(series, t, months, weeks, days, (t - days - 7 * weeks - 7, t - days - 7, t))


@mistake("multires_window", hint=PLACE)
def overlap_of_one_day(series, t, months=60, weeks=5, days=5):
    return _parts(series, t, months, weeks, days, (t - days - 7 * weeks + 2, t - days + 1, t))


@mistake("multires_window", hint=PLACE)
def sliding_months(series, t, months=60, weeks=5, days=5):
    window = _window(series, t, months, weeks, days)
    end = t - days - 7 * weeks
    for n in range(months):
        window[months - 1 - n] = np.mean(series[max(0, end - 30 - n) : end - n])
    return window


@mistake("multires_window", hint=MEANS)
def one_day_of_each_block(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days, reduce=lambda a, axis: a[:, -1])


@mistake("multires_window", hint=MEANS)
def first_day_of_each_block(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days, reduce=lambda a, axis: a[:, 0])


@mistake("multires_window", hint=PLACE)
def days_dealt_to_the_blocks_in_turn(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    _refuse(series, t, needed)
    start, parts = t - needed, []
    for count, length in ((months, 30), (weeks, 7), (days, 1)):
        block = series[start : start + count * length].reshape(length, count)
        parts.append(block.mean(axis=0))
        start += count * length
    return np.concatenate(parts)


@mistake("multires_window", hint=MEANS)
def sums_for_means(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days, reduce=np.sum)


@mistake("multires_window", hint=MEANS)
def medians_for_means(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days, reduce=np.median)


@mistake("multires_window", hint=MEANS)
def largest_of_each_block(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days, reduce=np.max)


@mistake("multires_window", hint=MEANS)
def one_mean_for_all_months(series, t, months=60, weeks=5, days=5):
    window = _window(series, t, months, weeks, days)
    if months:
        window[:months] = window[:months].mean()
    return window


@mistake("multires_window", hint=MEANS)
def everything_over_thirty(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days, reduce=np.sum) / 30


@mistake("multires_window", hint=WINDOW_ORDER)
def newest_first(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days)[::-1]


@mistake("multires_window", hint=WINDOW_ORDER)
def newest_first_in_each_part(series, t, months=60, weeks=5, days=5):
    window = _window(series, t, months, weeks, days)
    parts = np.split(window, [months, months + weeks])
    return np.concatenate([part[::-1] for part in parts])


@mistake("multires_window", hint=WINDOW_ORDER)
def days_then_weeks_then_months(series, t, months=60, weeks=5, days=5):
    window = _window(series, t, months, weeks, days)
    parts = np.split(window, [months, months + weeks])
    return np.concatenate(parts[::-1])


@mistake("multires_window", hint=WINDOW_ORDER)
def months_are_the_latest_days(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    _refuse(series, t, needed)
    start, parts = t - needed, []
    for count, length in ((days, 1), (weeks, 7), (months, 30)):
        parts.append(_blocks(series, start, count, length).mean(axis=1))
        start += count * length
    return np.concatenate(parts[::-1])


@mistake("multires_window", hint=LENGTHS)
def months_of_thirty_one_days(series, t, months=60, weeks=5, days=5):
    padded = np.append(np.zeros(months), series)
    return _window(padded, t + months, months, weeks, days, month=31)


@mistake("multires_window", hint=LENGTHS)
def months_of_four_weeks(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days, month=28)


@mistake("multires_window", hint=LENGTHS)
def weeks_of_five_days(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days, week=5)


@mistake("multires_window", hint=LENGTHS)
def no_blocks_at_all(series, t, months=60, weeks=5, days=5):
    _refuse(series, t, _needed(months, weeks, days))
    return np.asarray(series[t - months - weeks - days : t], dtype=float)


@mistake("multires_window", hint=LENGTHS)
def years_cut_into_equal_parts(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    _refuse(series, t, needed)
    parts = np.array_split(series[t - needed : t], months + weeks + days)
    return np.array([part.mean() for part in parts])


@mistake("multires_window", hint=REFUSE)
def short_history_wraps_around(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    if t > len(series):
        raise ValueError("t is too large")
    if t >= needed:
        return _window(series, t, months, weeks, days)
    return _window(np.append(np.resize(series, needed), series), needed + t, months, weeks, days)


@mistake("multires_window", hint=REFUSE)
def short_history_padded(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    if t > len(series):
        raise ValueError("t is too large")
    padded = np.append(np.zeros(needed), series)
    return _window(padded, t + needed, months, weeks, days)


@mistake("multires_window", hint=REFUSE)
def day_past_the_end_accepted(series, t, months=60, weeks=5, days=5):
    t = min(t, len(series))
    return _window(np.append(np.zeros(0), series), t, months, weeks, days)


@mistake("multires_window", hint=REFUSE)
def last_day_refused(series, t, months=60, weeks=5, days=5):
    if t >= len(series):
        raise ValueError("t is too large")
    return _window(series, t, months, weeks, days)


@mistake("multires_window", hint=REFUSE)
def one_day_more_asked_for(series, t, months=60, weeks=5, days=5):
    if t <= _needed(months, weeks, days):
        raise ValueError("the history is too short")
    return _window(series, t, months, weeks, days)


@mistake("multires_window", hint=REFUSE)
def history_measured_by_the_whole_series(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    if len(series) < needed or t > len(series):
        raise ValueError("the series is too short")
    if t < needed:
        return np.zeros(months + weeks + days)
    return _window(series, t, months, weeks, days)


@mistake("multires_window", hint=REFUSE)
def index_error_for_value_error(series, t, months=60, weeks=5, days=5):
    if t < _needed(months, weeks, days) or t > len(series):
        raise IndexError("out of range")
    return _window(series, t, months, weeks, days)


@mistake("multires_window", hint=REFUSE)
def nothing_for_a_short_history(series, t, months=60, weeks=5, days=5):
    if t < _needed(months, weeks, days) or t > len(series):
        return None
    return _window(series, t, months, weeks, days)


@mistake("multires_window", hint=COUNTS)
def slice_to_minus_zero(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    _refuse(series, t, needed)
    history = series[t - needed : t]
    fine = history[-days:]
    rest = history[:-days]
    weekly = rest[-7 * weeks :]
    monthly = rest[: -7 * weeks]
    return np.concatenate(
        [
            monthly.reshape(months, -1).mean(axis=1) if months else np.zeros(0),
            weekly.reshape(weeks, -1).mean(axis=1) if weeks else np.zeros(0),
            fine,
        ]
    )


@mistake("multires_window", hint=COUNTS)
def length_left_to_reshape(series, t, months=60, weeks=5, days=5):
    needed = _needed(months, weeks, days)
    _refuse(series, t, needed)
    history = series[t - needed : t]
    monthly = history[: 30 * months].reshape(months, -1).mean(axis=1)
    weekly = history[30 * months : 30 * months + 7 * weeks].reshape(weeks, -1).mean(axis=1)
    return np.concatenate([monthly, weekly, history[30 * months + 7 * weeks :]])


@mistake("multires_window", hint=COUNTS)
def always_sixty_five_and_five(series, t, months=60, weeks=5, days=5):
    return _window(series, t, 60, 5, 5)


@mistake("multires_window", hint=COUNTS)
def other_defaults(series, t, months=12, weeks=4, days=7):
    return _window(series, t, months, weeks, days)


@mistake("multires_window", hint=COUNTS)
def no_defaults(series, t, months, weeks, days):
    return _window(series, t, months, weeks, days)


@mistake("multires_window", hint=WHOLE_NUMBERS)
def means_cut_to_whole_numbers(series, t, months=60, weeks=5, days=5):
    window = np.zeros(months + weeks + days, dtype=np.asarray(series).dtype)
    window[:] = _window(series, t, months, weeks, days)
    return window


@mistake("multires_window", hint=ONE_ARRAY)
def three_arrays(series, t, months=60, weeks=5, days=5):
    window = _window(series, t, months, weeks, days)
    return tuple(np.split(window, [months, months + weeks]))


@mistake("multires_window", hint=ONE_ARRAY)
def column_of_one(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days)[:, None]


@mistake("multires_window", hint=ONE_ARRAY)
def months_only(series, t, months=60, weeks=5, days=5):
    return _window(series, t, months, weeks, days)[:months]


@mistake("multires_window", hint=IN_PLACE)
def blocks_averaged_in_place(series, t, months=60, weeks=5, days=5):
    window = _window(series, t, months, weeks, days)
    series[t - 1] = window.mean()
    return window


@mistake("multires_window", hint=NO_RETURN)
def window_not_returned(series, t, months=60, weeks=5, days=5):
    _window(series, t, months, weeks, days)


@mistake("multires_window", hint=UNKNOWN_NAME)
def births_of_another_cell(series, t, months=60, weeks=5, days=5):
    return _window(births, t, months, weeks, days)  # noqa: F821
