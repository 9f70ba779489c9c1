"""Models of the lessons that are not an exercise of any of them."""

from __future__ import annotations

import keras
import tensorflow as tf


class CharacterModel(keras.Model):
    """Predicts the next character at every step: an embedding, a GRU and a dense layer.

    vocabulary  V, the number of different characters
    units       H, of the GRU
    ``model(x, states)`` takes ids (B, T) and a list of one state (B, H), and returns logits
    (B, T, V) and a list of one state, that after the last step.
    """

    def __init__(self, vocabulary: int, units: int):
        super().__init__()
        self.units = units
        self.embedding = keras.layers.Embedding(vocabulary, 32)
        # Unrolled, and run as a graph below: several times as fast on the CPU.
        self.cells = keras.layers.GRU(units, return_sequences=True, return_state=True, unroll=True)
        self.logits = keras.layers.Dense(vocabulary)
        self._forward(tf.zeros((1, 1), tf.int32), self.start(1))  # makes the weights
        self._graph = tf.function(self._forward)

    def start(self, batch: int) -> list[tf.Tensor]:
        """The states before the first step: zeros."""
        return [tf.zeros((batch, self.units))]

    def call(self, x, states, training=None):
        return self._graph(x, list(states))

    def _forward(self, x, states):
        sequence, state = self.cells(self.embedding(x), initial_state=states)
        return self.logits(sequence), [state]
