"""Probes: drive an answer that is a class or takes a model, and report what it did as arrays.

A Keras layer cannot cross a process boundary, so the probe goes to the layer. The visible checks
run it in the student's kernel, grading runs it in the confined one. A probe holds no secret: it
reports, and the report is compared elsewhere.
"""

from unrolled.probes.basic_cell import rnn_cell_interface, rnn_cell_sequence, rnn_cell_step
from unrolled.probes.clipping import clipped_step_stopped, clipped_steps
from unrolled.probes.long_memory import (
    adding_batches,
    built_model,
    built_model_learns,
    influence,
    sampled_text,
    trained_by_place,
    trained_reviews,
)
from unrolled.probes.lstm_cell import lstm_cell_interface, lstm_cell_sequence, lstm_cell_step
from unrolled.probes.lstm_variants import called_by_name
from unrolled.probes.orientation import gradient_effects, gradient_of
from unrolled.probes.through_time import recurrent_matrices
from unrolled.probes.truncation import tbptt_steps

__all__ = [
    "adding_batches",
    "built_model",
    "built_model_learns",
    "called_by_name",
    "clipped_step_stopped",
    "clipped_steps",
    "gradient_effects",
    "gradient_of",
    "influence",
    "lstm_cell_interface",
    "lstm_cell_sequence",
    "lstm_cell_step",
    "recurrent_matrices",
    "rnn_cell_interface",
    "rnn_cell_sequence",
    "rnn_cell_step",
    "sampled_text",
    "tbptt_steps",
    "trained_by_place",
    "trained_reviews",
]
