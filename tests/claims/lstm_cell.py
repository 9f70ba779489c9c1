"""What the prose of the lesson ``lstm_cell`` says, and how it is tested."""

CLAIMS = [
    (
        "0, 0.0067, 0.5, 0.7311, 0.9933 and 1",
        "np.abs(sigmoid(np.array([-1e4, -5.0, 0.0, 1.0, 5.0, 1e4]))"
        " - [0, 0.0067, 0.5, 0.7311, 0.9933, 1]).max() < 1e-4",
    ),
    (
        "tanh(0.7) = 0.6044",
        "abs(results['keep'][0] - 0.6044) < 1e-4 and abs(results['keep'][1] - 0.7) < 1e-4",
    ),
    ("| 0.7461 |", "abs(results['write'][0] - 0.7461) < 1e-4"),
    ("tanh(2) = 0.9640", "abs(results['write'][1] - 0.9640) < 1e-4"),
    ("| erase | shut | shut | open | 0 | 0 |", "max(map(abs, results['erase'])) < 1e-4"),
    ("has lost more than 99 percent after 50 steps", "0.9**50 < 0.01"),
    ("should be flat lines for 100 steps", "drift < 1e-6"),
    (
        "all three lie between 0.1 and 0.13",
        "0.1 < tanh_state[:, -1].min() and tanh_state[:, -1].max() < 0.13",
    ),
    ("ends at about 4", "counter == 4.0"),
    ("always about 0.8", "abs(sigmoid(1.4) - 0.8) < 0.01"),
    ("The LSTM is right at every step", "right['LSTM'].min() == 1"),
    (
        "has lost it within ten steps",
        "right['tanh, w = 0.9'][[0, 50]].min() > 0.95 and right['tanh, w = 0.9'][10] < 0.6",
    ),
    ("does hold the first bit", "right['tanh, w = 3'][:50].min() > 0.99"),
    ("right half of the time", "abs(right['tanh, w = 3'][51:] - 0.5).max() < 0.06"),
    ("The unit between, 1.5, does both badly", "right['tanh, w = 1.5'][[49, 50]].max() < 0.8"),
    (
        "passes only a quarter of its gradient on to its own weights",
        "abs(slopes['sigmoid, i (1 - i)'].max() - 0.25) < 1e-6",
    ),
    (
        "beyond 6 less than 0.003 is left",
        "max(curve[np.abs(z) >= 6].max() for curve in slopes.values()) < 0.003",
    ),
    ("agree in all the digits that are printed", "max(misses) < 5e-7"),
    (
        "the last input counts more than the first by a factor of over 1e20",
        "reach['forget bias 0'][-1] > 1e20 * reach['forget bias 0'][0]",
    ),
    (
        "the steeper the smaller the bias",
        "all(np.diff([curve[0] / curve[-1] for curve in list(reach.values())[:4]]) > 0)"
        " and max(reach[f'forget bias {b}'][0] / reach[f'forget bias {b}'][-1]"
        " for b in (0, 1, 2)) < 0.1",
    ),
    (
        "differ by a factor below 30 only",
        "1 / 30 < reach['forget bias 5'][-1] / reach['forget bias 5'][0] < 30",
    ),
    (
        "in the last curve $W_h$ is zero, and the first input counts less than the last again",
        "reach['5, and Wh zero'][0] < reach['5, and Wh zero'][-1]",
    ),
    (
        "below 0.000001",
        "outputs_differ < 1e-6 and states_differ < 1e-6",
    ),
    (
        "The kernel should become `[[0 2 1 3]]`, the recurrent kernel `[[4 6 5 7]]`",
        "[a.tolist() for a in to_keras_lstm(np.arange(8.0).reshape(2, 4), np.zeros(4), 1.0, 1)]"
        " == [[[0, 2, 1, 3]], [[4, 6, 5, 7]], [0, 1, 0, 0]]",
    ),
    ("below 0.00001 in the states", "all(0 < miss < 1e-5 for miss in from_numpy.values())"),
    (
        "below 0.0001 of the largest gradient",
        "all(0 < miss < 1e-4 for miss in gradients_differ.values())",
    ),
    (
        "about `8e-31`, `2.5e-14` and `0.51`",
        "np.abs(kept[[0, 1, 4]] / [8e-31, 2.5e-14, 0.51] - 1).max() < 0.03",
    ),
    ("It should be near 5", "abs(memory_kept(5.0, 100) - 0.5) < 0.03"),
    (
        "After ten steps 4 percent are then left where 0.1 percent would be",
        "round(memory_kept(1.0, 10), 2) == 0.04 and round(memory_kept(0.0, 10), 3) == 0.001",
    ),
    ("has a mean square error of $1/6$", "abs(np.mean((ys - 1) ** 2) - 1 / 6) < 0.01"),
    (
        "the first flag stands 26 steps before the end on average",
        "abs(STEPS - 1 - flags.argmax(axis=1).mean() - 26) < 0.8",
    ),
    (
        "ends below 0.03. The basic cell ends where it began, at the level",
        "errors['LSTM'][-1] < 0.03 and 0.15 < errors['basic cell'][-1] < 0.2",
    ),
    (
        "forget gate above 0.8 on average, opens its input gate to more than 0.6 at flags",
        "kept_gate > 0.8 and at_flags > 0.6 and elsewhere < 0.2",
    ),
    (
        "nearly a straight function of the right answer, with a correlation above 0.9",
        "abs(follows) > 0.9",
    ),
    (
        "learnt with the biases 1, 3 and 5, to an error below 0.1, and not with 0",
        "max(bit_errors['one bit, 20 steps'][1:]) < 0.1"
        " and bit_errors['one bit, 20 steps'][0] > 0.95",
    ),
    (
        "learnt with 3 and 5, and with 1, Keras's default, the error is still at 1",
        "max(bit_errors['one bit, 60 steps'][2:]) < 0.1"
        " and np.abs(np.array(bit_errors['one bit, 60 steps'][:2]) - 1).max() < 0.05",
    ),
    (
        "some thousandths were enough",
        "0.001 < memory_kept(1.0, 19) < 0.01 and memory_kept(0.0, 19) < 1e-5",
    ),
    (
        "only 0 and 1 reach 0.1 in these updates, and the error with 5 is more than 5 times that",
        "bit_errors['a bit every 5, 60 steps'][3] > 5 * bit_errors['a bit every 5, 60 steps'][0]"
        " and max(bit_errors['a bit every 5, 60 steps'][:2]) < 0.1"
        " < min(bit_errors['a bit every 5, 60 steps'][2:])"
        " and max(bit_errors['a bit every 5, 60 steps']) < 0.7",
    ),
    (
        r"\sigma(0)^{19} \approx 2 \cdot 10^{-6} \qquad \sigma(1)^{19} \approx 0.003",
        "round(memory_kept(0.0, 19) * 1e6) == 2 and round(memory_kept(1.0, 19), 3) == 0.003",
    ),
    (
        r"\sigma(1)^{59} \approx 9 \cdot 10^{-9} \qquad \sigma(3)^{59} \approx 0.06",
        "round(memory_kept(1.0, 59) * 1e9) == 9 and round(memory_kept(3.0, 59), 2) == 0.06",
    ),
    (r"\sigma(5)^{59} \approx 0.67", "round(memory_kept(5.0, 59), 2) == 0.67"),
]

ON_OTHER_SEEDS = [
    (
        8,
        "with the same updates, the LSTM has learnt what the basic cell has not",
        "errors['LSTM'][-1] < 0.05 and min(errors['basic cell']) > 0.1",
    ),
    (
        8,
        "Over 60 steps it is learnt with 3 and 5",
        "max(bit_errors['one bit, 60 steps'][2:]) < 0.3"
        " and min(bit_errors['one bit, 60 steps'][:2]) > 0.9"
        " and max(bit_errors['one bit, 20 steps'][1:]) < 0.1"
        " and bit_errors['one bit, 20 steps'][0] > 0.9",
    ),
    (
        8,
        "That is the cost of a large forget bias",
        "bit_errors['a bit every 5, 60 steps'][3] > 2.5 * bit_errors['a bit every 5, 60 steps'][0]",
    ),
    (
        9,
        "the outputs agree to rounding",
        "outputs_differ < 1e-6 and [s.shape for s in by_two[1]] == [(4, 5)] * 2"
        " and [s.shape for s in by_one[1]] == [(4, 10)]",
    ),
]
