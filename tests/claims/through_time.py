"""What the prose of the lesson ``through_time`` says, and how it is tested."""

_SILENT = "[in_silence[f'orthogonal, gain {g}'][-1] for g in (0.8, 1.0, 1.2)]"
_NOISY = "[in_noise[f'orthogonal, gain {g}'][-1] for g in (0.8, 1.0, 1.2, 1.5)]"

CLAIMS = [
    ("the two numbers should agree to six decimals", "len(misses) == 5 and max(misses) < 5e-7"),
    (
        "should start near 0.9 and fall below a thousandth",
        "0.7 < losses[0] < 1.1 and losses[-1] < 1e-3",
    ),
    (
        "with factors of 0.9 it is $3 \\cdot 10^{-5}$ after a hundred, with 1.1 it is 14,000",
        "abs(0.9**100 / 3e-5 - 1) < 0.15 and abs(1.1**100 / 14e3 - 1) < 0.02",
    ),
    (
        "1, 0.9, 0.81, and 0.0052 at lag 50",
        "np.abs(norms_at[0.0][[0, 1, 2, 50]] - [1, 0.9, 0.81, 0.0052]).max() < 5e-5",
    ),
    ("at lag 50 you should see 2.9e-09", "abs(norms_at[0.5][50] / 2.9e-9 - 1) < 0.02"),
    (
        "about 2 and nearly 0 for glorot, and exactly 1 and 1",
        "abs(extremes['glorot'][0] - 2) < 0.2 and extremes['glorot'][1] < 0.1 and"
        " all(abs(v - 1) < 1e-9 for k in ('orthogonal', 'identity') for v in extremes[k])",
    ),
    (
        "a gain of 0.8 leaves 2e-06 of the gradient, 1.0 leaves all of it, and 1.2 makes 5e+04",
        f"np.abs(np.array({_SILENT}) / [1.9e-6, 1, 4.7e4] - 1).max() < 0.02",
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
    ("Only about a third of the 18 networks has learnt the bit", "4 <= len(learnt) <= 8"),
    ("about 1e-60", "1e-60 < 0.25**99 < 1e-59"),
    (
        "and diverges with SGD",
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
        "the plain network multiplies the change by more than 10,000, the normalised one by less"
        " than 50",
        "growth['plain, gain 4.0'][-1] > 1e4"
        " and 0.5 < growth['layer-normalised, gain 4.0'][-1] < 50",
    ),
    (
        "both have lost all but a hundred-thousandth",
        "1e-8 < min(growth['plain, gain 1.0'][-1], growth['layer-normalised, gain 1.0'][-1])"
        " and max(growth['plain, gain 1.0'][-1], growth['layer-normalised, gain 1.0'][-1]) < 1e-5",
    ),
    (
        "the time of your function grows about as much, or more where the machine is busy",
        "longer['NumPy, your rnn_backward'] > 4",
    ),
    ("grows severalfold, a little less", "longer['Keras, SimpleRNN'] > 2.5"),
    (
        "The dense layer grows less than both",
        "longer['Keras, dense layer'] < min(longer['NumPy, your rnn_backward'],"
        " longer['Keras, SimpleRNN'])",
    ),
    ("takes at least three times as long", "waiting > 3"),
]

ON_OTHER_SEEDS = [
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
        "still stays at guessing from Glorot and orthogonal weights, with either optimiser",
        "min(table[2, :2].min() for table in grid.values()) > 0.5",
    ),
    (
        2,
        "From the identity it has the best loss of all with Adam, and diverges with SGD",
        "grid['Adam'][2, 2] == np.nanmin([grid['SGD'], grid['Adam']]) < 1e-3"
        " and not grid['SGD'][2, 2] < 0.5",
    ),
    (
        2,
        "from orthogonal and identity weights it comes below 0.05",
        "max(grid['Adam'][1, 1:]) < 0.05",
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
        "waiting > 3 and longer['NumPy, your rnn_backward'] > 4"
        " and longer['Keras, SimpleRNN'] > 2.5",
    ),
]
