"""Run the BasicLSTMCell of TensorFlow 1, which only lives in tf_keras, on given numbers.

    TF_USE_LEGACY_KERAS=1 python legacy_cell.py IN.npz OUT.npz

IN holds kernel, bias, forget_bias, xs, c0 and h0. OUT gets the outputs of every step and the last
state, with the states apart (outputs, c, h) and joined (joined_outputs, s), and the gradients of
the sum of the sines of the outputs, by name of what they are the gradients of.
"""

import sys

import numpy as np
import tensorflow.compat.v1 as tf


def main(source, target):
    tf.disable_eager_execution()
    tf.experimental.output_all_intermediates(True)
    given = np.load(source)
    units = len(given["bias"]) // 4
    first = {True: (given["c0"], given["h0"])}
    first[False] = np.concatenate([given["c0"], given["h0"]], axis=1)
    found = {}
    for is_tuple, state in first.items():
        with tf.Graph().as_default(), tf.Session() as session:
            cell = tf.nn.rnn_cell.BasicLSTMCell(
                units, float(given["forget_bias"]), is_tuple, dtype=tf.float64
            )
            xs = tf.constant(given["xs"])
            if is_tuple:
                start = tf.nn.rnn_cell.LSTMStateTuple(*map(tf.constant, state))
            else:
                start = tf.constant(state)
            outputs, last = tf.nn.dynamic_rnn(cell, xs, initial_state=start)
            weights = cell.trainable_weights
            session.run(
                [w.assign(given[n]) for w, n in zip(weights, ("kernel", "bias"), strict=True)]
            )
            if is_tuple:
                wanted = {"xs": xs, "kernel": weights[0], "bias": weights[1]}
                slopes = tf.gradients(tf.reduce_sum(tf.sin(outputs)), list(wanted.values()))
                named = dict(zip(wanted, slopes, strict=True))
                found |= session.run({"outputs": outputs, "c": last.c, "h": last.h, **named})
            else:
                found |= session.run({"joined_outputs": outputs, "s": last})
    np.savez(target, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
