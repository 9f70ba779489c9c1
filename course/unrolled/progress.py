"""Progress bars for long training, on one line of the cell's output."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tqdm import tqdm


def steps(count: int, name: str) -> Iterator[int]:
    """Count from 0 to ``count - 1`` and show how far it is and how long the rest will take."""
    yield from tqdm(range(count), desc=name, **_look())


def epochs(name: str):
    """A Keras callback that shows the epoch and the loss, for ``model.fit(..., verbose=0)``."""
    # Imported when asked: a NumPy lesson must not wait for TensorFlow.
    import keras

    class Epochs(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.bar = tqdm(total=self.params["epochs"], desc=name, **_look())

        def on_epoch_end(self, epoch, logs=None):
            self.bar.set_postfix({"loss": f"{(logs or {}).get('loss', float('nan')):.4f}"})
            self.bar.update()

        def on_train_end(self, logs=None):
            self.bar.close()

    return Epochs()


def _look() -> dict:
    # On stdout: what stands on stderr looks like a warning in a notebook. In ASCII and of one
    # width, so that a saved notebook shows what the student saw.
    return {"file": sys.stdout, "ascii": " =", "ncols": 79, "mininterval": 0.5}
