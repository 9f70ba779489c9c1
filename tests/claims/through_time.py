"""What the prose of the lesson ``through_time`` says, and how it is tested."""

_SILENT = "[in_silence[f'orthogonal, gain {g}'][-1] for g in (0.8, 1.0, 1.2)]"
_NOISY = "[in_noise[f'orthogonal, gain {g}'][-1] for g in (0.8, 1.0, 1.2, 1.5)]"

_FALLS = "losses['your rnn_backward'][-1] < 1e-3 * losses['your rnn_backward'][0]"
_ALONE = "losses['the last step alone']"
_UNSTABLE = "gradient_by_lag(1.8 * turned, {} * noise)[-1]"

CLAIMS = [
    (
        "the two numbers should agree to six decimals",
        "len(arrays) == 5 and step_miss < 5e-7 and sequence_miss < 5e-7",
    ),
    (
        "the share of the last step alone is exactly 0",
        f"len({_ALONE}) == 300 and len(set({_ALONE})) == 1",
    ),
    (
        "Your curve should fall below a thousandth of where it starts, and the other should be"
        " flat",
        f"{_FALLS} and {_ALONE}[-1] == {_ALONE}[0]",
    ),
    (
        "with factors of 0.9 it is $3 \\cdot 10^{-5}$ after a hundred, with 1.1 it is 14,000",
        "abs(0.9**100 / 3e-5 - 1) < 0.15 and abs(1.1**100 / 14e3 - 1) < 0.02",
    ),
    (
        "1, 0.9, 0.81, and 0.0052 at lag 50",
        "np.abs(norms_at['each to the other'][[0, 1, 2, 50]] - [1, 0.9, 0.81, 0.0052]).max()"
        " < 5e-5",
    ),
    (
        "You should see 1, 0.675, 0 and 0",
        "np.abs(norms_at['unit 0 to unit 1'][[0, 1, 2, 50]] - [1, 0.675, 0, 0]).max() < 1e-12",
    ),
    (
        "about 2 and nearly 0 for glorot, and exactly 1 and 1",
        "abs(extremes['glorot'][0] - 2) < 0.2 and extremes['glorot'][1] < 0.1 and"
        " all(abs(v - 1) < 1e-9 for k in ('orthogonal', 'identity') for v in extremes[k])",
    ),
    (
        "a gain of 0.8 leaves 2e-06 of the gradient, 1.0 leaves all of it, and 1.2 makes 5e+04",
        f"np.abs(np.array({_SILENT}) / [1.9e-6, 1, 4.7e4] - 1).max() < 0.02",
    ),
    (
        "chance puts it near 1 and not at 1, and the gradient goes roughly with its 59th power",
        "0.9 < largest < 1.3 and 0.02 < in_silence['glorot, gain 1.0'][-1] / largest**59 < 10",
    ),
    (
        "All curves lie below those in silence",
        "all((in_noise[name][1:] < in_silence[name][1:]).all() for name in starts)",
    ),
    ("now leaves less than 1e-10", "in_noise['orthogonal, gain 1.0'][-1] < 1e-10"),
    (
        "gains of 1.2 and 1.5, which exploded, now vanish too",
        f"max({_NOISY}) < 0.01 and in_silence['orthogonal, gain 1.5'][-1] > 1e10",
    ),
    (
        "only 3.0 still explodes, and far more slowly than before",
        "1e3 < in_noise['orthogonal, gain 3.0'][-1]"
        " < 1e-10 * in_silence['orthogonal, gain 3.0'][-1]",
    ),
    (
        "The norm of $W_h$ allows 2e+10 and promises nothing; the slopes of the actual states turn"
        " the explosion into vanishing",
        "2e10 < 1.5**59 < 3e10 and allowed[:, -1].mean() < 0.02",
    ),
    (
        "What arrives never lies above them, and at long lags is about a tenth of them",
        "(arrived <= allowed).all() and 0.05 < (arrived / allowed)[:, 20:].mean() < 0.2",
    ),
    (
        "the smallest input makes states grow from step to step until tanh stops them",
        "np.abs(rnn_forward(1e-6 * noise, np.zeros((ROWS, UNITS)), np.eye(UNITS), 1.8 * turned,"
        " np.zeros(UNITS))[:, -1]).max() > 0.5",
    ),
    ("silence would multiply a gradient by 1e+15 over 59 steps", "1e15 < 1.8**59 < 1.2e15"),
    (
        "inputs of deviation 0.01 already bring that down to about 30,000",
        f"1.5e4 < {_UNSTABLE.format(0.01)} < 6e4",
    ),
    (
        "Inputs of deviation 1 make it less than 1, and inputs of deviation 3 less than 1e-8",
        f"{_UNSTABLE.format(1)} < 1 and {_UNSTABLE.format(3)} < 1e-8",
    ),
    (
        "Only a few of the 18 networks have learnt the bit; with our matrices there were six",
        "4 <= len(learnt) <= 7",
    ),
    (
        "of its three tanh networks SGD trained two here",
        "1 <= sum(name == 'SGD' and kind == 'tanh' for name, kind, _ in learnt) <= 2",
    ),
    ("about 1e-60", "1e-60 < 0.25**99 < 1e-59"),
    (
        "and fails with SGD: here it diverges",
        "not np.isfinite(grid['SGD'][2, 2])",
    ),
    (
        "From the identity it has the best loss of all with Adam",
        "grid['Adam'][2, 2] == np.nanmin([grid['SGD'], grid['Adam']]) < 1e-3",
    ),
    (
        "the first sums lie more than three deviations from where they should be",
        "abs(off[0]) > 3",
    ),
    (
        "the deviation is near 0.6 at most steps instead of 1",
        "0.5 < np.median(spread) < 0.7 and spread.max() < 1",
    ),
    (
        "3 percent of the states should be saturated (beyond 0.99) before and more than 80 percent"
        " after",
        "0.02 < saturated['plain'][0] < 0.05 and saturated['plain'][1] > 0.8",
    ),
    (
        "less than 2 percent both times, and no state should change by more than 0.0001",
        "max(saturated['layer-normalised']) < 0.02 and moved['layer-normalised'] < 1e-4",
    ),
    (
        "in every row the normalised sums should have the mean 0.000 and the deviation 1.000",
        "np.abs(row_means).max() < 5e-4 and np.abs(row_deviations - 1).max() < 5e-4",
    ),
    (
        "the plain network multiplies the change by more than 10,000, the normalised one by less"
        " than 50",
        "growth['plain, gain 4.0'][-1] > 1e4"
        " and 0.5 < growth['layer-normalised, gain 4.0'][-1] < 50",
    ),
    (
        "with a gain of 1 less than a hundred-thousandth is left in both",
        "1e-8 < min(growth['plain, gain 1.0'][-1], growth['layer-normalised, gain 1.0'][-1])"
        " and max(growth['plain, gain 1.0'][-1], growth['layer-normalised, gain 1.0'][-1]) < 1e-5",
    ),
    (
        "the time of your function grows about as much on a quiet machine, and at times twice as"
        " much or more",
        "longer['NumPy, your rnn_backward'] > 2",
    ),
    ("grows severalfold, a little less", "longer['Keras, SimpleRNN'] > 1.2"),
    (
        "The dense layer grows less than both",
        "longer['Keras, dense layer'] < longer['NumPy, your rnn_backward']",
    ),
    ("takes at least three times as long", "waiting > 1.2"),
]

ON_OTHER_SEEDS = [
    (
        1,
        "backpropagation through a very deep network whose layers share their weights",
        f"sequence_miss < 5e-7 and {_FALLS} and {_ALONE}[-1] == {_ALONE}[0]",
    ),
    (
        1,
        "What arrives never lies above them, and at long lags is about a tenth of them",
        "(arrived <= allowed).all() and 0.05 < (arrived / allowed)[:, 20:].mean() < 0.2",
    ),
    (
        1,
        "With a gain above 1 the state 0 is *unstable*",
        f"1e3 < {_UNSTABLE.format(0.01)} < 1e6 and {_UNSTABLE.format(1)} < 1"
        f" and {_UNSTABLE.format(3)} < 1e-8",
    ),
    (
        1,
        "An RNN unrolled over many steps is a very deep network, and its gradients vanish or"
        " explode exponentially",
        f"np.abs(np.array({_SILENT}) / [1.9e-6, 1, 4.7e4] - 1).max() < 0.02"
        f" and max({_NOISY}) < 0.01 and in_noise['orthogonal, gain 3.0'][-1] > 1e3",
    ),
    (
        2,
        "The sigmoid learns it in none of its six fields",
        "min(table[0].min() for table in grid.values()) > 0.6",
    ),
    (
        2,
        "still stays at guessing from Glorot and orthogonal weights, with either optimizer",
        "min(table[2, :2].min() for table in grid.values()) > 0.5",
    ),
    (
        2,
        "From the identity it has the best loss of all with Adam, and fails with SGD",
        "grid['Adam'][2, 2] == np.nanmin([grid['SGD'], grid['Adam']]) < 1e-3"
        " and not grid['SGD'][2, 2] < 0.5",
    ),
    (
        2,
        "from orthogonal and identity weights it comes below 0.1",
        "max(grid['Adam'][1, 1:]) < 0.1",
    ),
    (
        2,
        "and none, one or two with other seeds",
        "sum(name == 'SGD' and kind == 'tanh' for name, kind, _ in learnt) <= 2",
    ),
    (
        2,
        "batch normalisation does not fit it without a set of statistics for every step",
        "abs(off[0]) > 3 and spread.max() < 1 and np.median(spread) < 0.75",
    ),
    (
        2,
        "Against exploding it works",
        "growth['plain, gain 4.0'][-1] > 1e4 and growth['layer-normalised, gain 4.0'][-1] < 50",
    ),
    (
        2,
        "Against vanishing it does nothing",
        "max(growth['plain, gain 1.0'][-1], growth['layer-normalised, gain 1.0'][-1]) < 1e-5",
    ),
    (
        3,
        "Even about a hundred steps are slow to train",
        "waiting > 1.2 and longer['NumPy, your rnn_backward'] > 2"
        " and longer['Keras, SimpleRNN'] > 1.2",
    ),
]
