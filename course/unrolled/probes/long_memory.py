"""Probes of the lesson on long memory."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from unrolled import reviews


def adding_batches(adding_batch, *, seed: int, batch: int, steps: int, again: bool) -> dict:
    """Draw a batch.

    again  whether to draw another one from the same generator, and the first once more from a
           generator like it, while all global generators start elsewhere
    Returns ``x`` and ``y``, and with ``again`` also ``next_x`` and ``next_y``, of the other one,
    and ``again_x`` and ``again_y``.
    """
    kept = np.random.get_state(), random.getstate()
    try:
        _seed_globals(1)
        rng = np.random.default_rng(seed)
        drawn = {"": _pair(adding_batch(rng, batch, steps))}
        if again:
            drawn["next_"] = _pair(adding_batch(rng, batch, steps))
            _seed_globals(2)
            drawn["again_"] = _pair(adding_batch(np.random.default_rng(seed), batch, steps))
    finally:
        np.random.set_state(kept[0])
        random.setstate(kept[1])
    found = {}
    for name, (x, y) in drawn.items():
        found |= {f"{name}x": _as_array(x), f"{name}y": _as_array(y)}
    return found


def influence(influence_by_position, *, kind: str, weights: list, x) -> dict:
    """Measure the influence in a small model with given weights. x (B, T, D).

    kind  see ``_influenced``
    Returns ``influence``, ``again`` (of a second call), and ``weights_kept``: whether the model's
    weights, moving averages included, are what they were.
    """
    model = _influenced(kind, *x.shape[1:])
    model.set_weights(weights)
    with _gradients_noted() as none:
        try:
            found = influence_by_position(model, x)
        except Exception as exc:
            # NumPy and TensorFlow complain about None in words that name no cause.
            if none:
                raise ValueError(_NONE) from exc
            raise
        if found is None and none:
            raise ValueError(_NONE)
    again = influence_by_position(model, x)
    kept = all(map(np.array_equal, model.get_weights(), weights))
    return {"influence": found, "again": again, "weights_kept": kept}


_NONE = "the gradient is None: was x watched, and the model called inside the tape?"


@contextmanager
def _gradients_noted() -> Iterator[list]:
    """Collect an entry for each gradient that a tape finds to be None."""
    import tensorflow as tf

    none, whole = [], tf.GradientTape.gradient

    def gradient(tape, target, sources, *arguments, **settings):
        found = whole(tape, target, sources, *arguments, **settings)
        if found is None or (isinstance(found, list | tuple) and any(g is None for g in found)):
            none.append(None)
        return found

    tf.GradientTape.gradient = gradient
    try:
        yield none
    finally:
        tf.GradientTape.gradient = whole


def _influenced(kind: str, steps: int, inputs: int):
    """A model from (B, steps, inputs) to one number a row."""
    import keras

    layers = {
        # A weight for each number of the input, then tanh: the gradient is known by heart.
        "weighted": [keras.layers.Flatten(), keras.layers.Dense(1, activation="tanh")],
        "recurrent": [keras.layers.SimpleRNN(4), keras.layers.Dense(1)],
        # The same with an output of shape (B,).
        "bare": [keras.layers.SimpleRNN(4), keras.layers.Dense(1), keras.layers.Reshape(())],
        # What behaves otherwise in training.
        "regularised": [
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.SimpleRNN(4),
            keras.layers.Dense(1),
        ],
        # Only the last two steps count.
        "late": [
            keras.layers.Cropping1D((max(steps - 2, 0), 0)),
            keras.layers.SimpleRNN(4),
            keras.layers.Dense(1),
        ],
    }
    return keras.Sequential([keras.Input((steps, inputs)), *layers[kind]])


def sampled_text(
    sample_text,
    *,
    table,
    prefix: list,
    n: int,
    times: int,
    temperature: float,
    seed: int,
    tensor: bool,
) -> dict:
    """Let a step of ours be sampled, and write down what it is given.

    table   (S, V): the logits in each of S states; the step moves from state s by token k to state
            (3 s + k + 1) mod S
    times   how many calls there are, one after the other on one generator
    tensor  whether logits are a TensorFlow tensor and not an array
    Returns ``tokens`` (of all calls), ``fed`` (the tokens given to the step in order), ``given``
    (the states given with them), ``prefix_kept`` (whether the prefix is as it was), and for n up to
    100 and a single call what two more return: ``next``, on the same generator, and ``again``, on
    one that starts like the first while all global generators start elsewhere.
    """
    fed, given = [], []

    def step(token, state):
        fed.append(int(token))
        given.append(int(state))
        state = (3 * int(state) + int(token) + 1) % len(table)
        logits = np.array(table[state])
        if tensor:
            import tensorflow as tf

            logits = tf.constant(logits)
        return logits, state

    kept = np.random.get_state(), random.getstate()
    try:
        _seed_globals(1)
        rng = np.random.default_rng(seed)
        own = list(prefix)
        drawn = [_tokens(sample_text(step, 0, own, n, temperature, rng)) for _ in range(times)]
        tokens = drawn[0] if times == 1 else _joined(drawn)
        found = {"tokens": tokens, "fed": fed[:], "given": given[:], "prefix_kept": own == prefix}
        if times == 1 and n <= 100:
            following = sample_text(step, 0, list(prefix), n, temperature, rng)
            _seed_globals(2)
            rng = np.random.default_rng(seed)
            again = sample_text(step, 0, list(prefix), n, temperature, rng)
            found |= {"next": _tokens(following), "again": _tokens(again)}
    finally:
        np.random.set_state(kept[0])
        random.setstate(kept[1])
    return found


def built_model(build_model, *, steps: int, vocabulary: int, x, seed: int) -> dict:
    """Build a model and run it on reviews x (B, steps), untrained.

    Returns ``is_model``, ``second_is_model`` of what a second call builds, ``shared`` (whether the
    two have a weight in common), ``outputs`` for x, ``alone`` for its first row by itself,
    ``stretched`` for x with all weights a hundred times as large, ``trainable`` (how many weights
    training can move), and ``layers``, the kinds of layers in it.
    """
    import keras

    keras.utils.set_random_seed(seed)
    model, second = (build_model(steps, vocabulary) for _ in range(2))
    if not isinstance(model, keras.Model):
        return {"is_model": False, "type": type(model).__name__}
    outputs, alone = (np.asarray(model(rows, training=False)) for rows in (x, x[:1]))
    again = second.weights if isinstance(second, keras.Model) else []
    shared = {id(w) for w in model.weights} & {id(w) for w in again}
    for weight in model.trainable_weights:
        weight.assign(100.0 * weight)
    return {
        "is_model": True,
        "second_is_model": isinstance(second, keras.Model),
        "shared": bool(shared),
        "outputs": outputs,
        "alone": alone,
        "stretched": np.asarray(model(x, training=False)),
        "trainable": sum(int(np.prod(w.shape)) for w in model.trainable_weights),
        "layers": _kinds(model),
    }


def built_model_learns(
    build_model, *, steps: int, vocabulary: int, unseen, seed: int, attempts: int, updates: int
) -> dict:
    """Train a built model on fresh reviews, a batch at a time, until it has learnt them.

    unseen    (B, steps), reviews to judge afterwards
    attempts  how many models are built and trained at most: how one starts is chance
    updates   how many batches of 64 reviews each of them sees at most
    Returns ``probabilities`` (B, 1) of the last model for ``unseen``, the number of its
    ``updates``, and ``layers``, the kinds of layers in it.
    """
    import keras

    for attempt in range(attempts):
        keras.utils.set_random_seed(seed + attempt)
        rng = np.random.default_rng(seed + attempt)
        model = build_model(steps, vocabulary)
        model(unseen[:64], training=False)  # what fails, fails here in fewer words than in `fit`
        optimizer = keras.optimizers.Adam(5e-3, global_clipnorm=1.0)
        model.compile(optimizer=optimizer, loss="binary_crossentropy")
        losses, level = [], 1.0
        while len(losses) < updates and level > 0.02:
            x, y = reviews.make(rng, 64, steps, vocabulary)
            model.reset_metrics()
            losses.append(float(model.train_on_batch(x, y)))
            level = np.mean(losses[-10:]) if len(losses) >= 20 else 1.0
        if level <= 0.02:
            break
    return {
        "probabilities": _run(model, unseen),
        "updates": len(losses),
        "layers": _kinds(model),
    }


def model_by_place(steps: int, vocabulary: int):
    """A model that looks for the words `this` and `movie` only, and weighs them by their place.

    It stands in for a student's model where ``train`` is tried apart from it. It knows no verdict
    words, so reviews teach it nothing. Where a row holds one of its two words, at a place that says
    how long the row is, it learns which of the two means what, place by place: so it is right at
    every length only if it was trained on every length.
    """
    import keras

    sign = np.zeros((vocabulary, 1), dtype=np.float32)
    sign[[reviews.WORDS.index("this"), reviews.WORDS.index("movie")], 0] = 1, -1
    words = keras.layers.Embedding(vocabulary, 1, trainable=False)
    places = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")
    model = keras.Sequential(
        [keras.Input((steps,), dtype="int32"), words, keras.layers.Flatten(), places]
    )
    words.set_weights([sign])
    # So that a `train` passes which leaves compiling to `build_model`.
    model.compile(optimizer=keras.optimizers.Adam(5e-3), loss="binary_crossentropy")
    return model


def trained_by_place(train, *, steps: int, vocabulary: int, x, y, seed: int) -> dict:
    """Train ``model_by_place`` on reviews x (N, steps) with labels y (N,).

    Returns ``losses`` and ``history`` (see ``_losses``), ``moved`` (whether the model that was
    passed has other weights than before), and its ``probabilities`` (N, 1) for x.
    """
    import keras

    keras.utils.set_random_seed(seed)
    model = model_by_place(steps, vocabulary)
    before = model.get_weights()
    history, losses = _losses(train(model, (np.array(x), np.array(y))))
    return {
        "history": history,
        "losses": losses,
        "moved": not all(map(np.array_equal, before, model.get_weights())),
        "probabilities": np.asarray(model(x, training=False)),
    }


def trained_reviews(train, *, steps: int, vocabulary: int, x, y, unseen, seed: int) -> dict:
    """Build a model with the ``build_model`` beside ``train``, and train it.

    x, y    (N, steps) and (N,), reviews to train on
    unseen  (B, steps), reviews to judge afterwards
    Returns ``probabilities`` (B, 1) for ``unseen``, and the ``seconds`` that training took.
    """
    import keras

    beside = getattr(train, "__globals__", vars(sys.modules["__main__"]))
    keras.utils.set_random_seed(seed)
    missing = None
    if "build_model" not in beside:
        missing = "build_model is not defined"
    else:
        try:
            model = beside["build_model"](steps, vocabulary)
        except NotImplementedError:
            missing = "build_model is not answered yet"
    if missing:
        # If `train` is not answered either, that is what to say: it raises so on any model.
        train(model_by_place(steps, vocabulary), (np.array(x[:64]), np.array(y[:64])))
        raise RuntimeError(missing)
    began = time.monotonic()
    train(model, (np.array(x), np.array(y)))
    seconds = time.monotonic() - began
    return {"probabilities": _run(model, unseen), "seconds": seconds}


def _kinds(model) -> list[str]:
    """The names of the classes of all layers in a model, each once."""
    return sorted({type(layer).__name__ for layer in model._flatten_layers()})


def _run(model, x) -> np.ndarray:
    """The model's outputs for x, in batches. ``predict`` would be traced anew for each model."""
    parts = [np.asarray(model(x[n : n + 256], training=False)) for n in range(0, len(x), 256)]
    return np.concatenate(parts)


def _losses(returned: object) -> tuple[str, list | None]:
    """What kind of history ``train`` returned, and the losses in it."""
    found = getattr(returned, "history", returned)
    losses = found.get("loss") if isinstance(found, dict) else None
    if losses is not None:
        losses = [float(loss) for loss in np.ravel(np.asarray(losses, dtype=np.float64))]
    return type(returned).__name__, losses


def _pair(returned: object) -> tuple | list:
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        many = f"{len(returned)} objects" if isinstance(returned, tuple | list) else "one object"
        if returned is None:
            many = "nothing"
        raise TypeError(f"adding_batch returned {many}; expected (x, y)")
    return returned


def _as_array(value: object) -> object:
    """Nested lists as an array, which takes less room on its way; anything else as it is."""
    if not isinstance(value, list | tuple):
        return value
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):  # rows of unequal length, or tensors
        return value
    return array if array.dtype.kind in "biuf" else value


def _tokens(returned: object) -> object:
    """Tokens as a list, whichever sequence holds them; anything else as it is."""
    if isinstance(returned, np.ndarray) and returned.ndim == 1:
        return returned.tolist()
    if isinstance(returned, list | tuple):
        return [t.item() if hasattr(t, "item") else t for t in returned]
    return returned


def _joined(parts: list) -> object:
    """Lists one after the other; the first other thing where there is one."""
    other = [part for part in parts if not isinstance(part, list)]
    return other[0] if other else [token for part in parts for token in part]


def _seed_globals(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
