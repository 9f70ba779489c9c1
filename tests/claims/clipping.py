"""What the prose of the lesson ``clipping`` says, and how it is tested."""

_RUNS = "[f'{kind}, run {n}' for n in (1, 2, 3)]"
_CLIPPED = _RUNS.replace("{kind}", "clipped")
_FREE = _RUNS.replace("{kind}", "not clipped")

CLAIMS = [
    (
        "the loss drops from 0.34 to below 0.01",
        "abs(height[biases < -2.613][-1] - 0.34) < 0.005 and height[biases > -2.612][0] < 0.01",
    ),
    ("stays below 0.3", "slope[abs(biases + 2.612) > 0.05].max() < 0.3"),
    (
        "On the edge itself, which is finer than the figure can show, it exceeds 6,000",
        "6000 < at_the_edge < 6400",
    ),
    ("twenty thousand times too long", "6000 / 0.3 == 20000"),
    (
        "it pointed 14 degrees above the axis and now points 45 degrees above it",
        "round(degrees(arrows)[0]) == 14 and round(degrees(by_value)[0]) == 45",
    ),
    (
        "The second turns from 101 to 117 degrees",
        "round(degrees(arrows)[1]) == 101 and round(degrees(by_value)[1]) == 117",
    ),
    (
        "the short fourth keep their direction",
        "np.abs(degrees(arrows) - degrees(by_value))[2:].max() < 1e-6",
    ),
    (
        "should now end on the circle, in the direction that they had",
        "np.abs(degrees(arrows) - degrees(by_norm)).max() < 1e-3"
        " and np.abs(np.linalg.norm(by_norm, axis=1)[:3] - 1).max() < 1e-5",
    ),
    ("All three end at 1", "np.abs(np.array(one_by_one) - 1).max() < 1e-5"),
    ("= 13", "abs(norm_of_three - 13) < 1e-4"),
    (
        "3/13 = 0.23, 12/13 = 0.92 and 4/13 = 0.31",
        "np.abs(np.array(together) - [0.23, 0.92, 0.31]).max() < 0.005"
        " and abs(math.hypot(*together) - 1) < 1e-5",
    ),
    ("One step with a gradient of norm 19", "abs(steepest['not clipped'] - 19) < 1"),
    (
        "where the unit is saturated, the loss is 0.09 and the gradient practically 0",
        "np.abs(np.array([float(a) for a in cliff(*paths['not clipped'][-1])])"
        " - [0.09, 0, 0]).max() < 1e-3 and abs(paths['not clipped'][-1, 0] - 9) < 0.5",
    ),
    (
        "met a norm of 342 in step 10, moved by 0.05",
        "abs(steepest['clipped to 0.1'] - 342) < 5"
        " and np.linalg.norm(np.diff(paths['clipped to 0.1'], axis=0), axis=1).max() < 0.0501",
    ),
    ("a norm of 342 in step 10", "norms[:, 0].argmax() == 9"),
    (
        r"ends at $w \approx 4.0$ with a loss below 0.01",
        "cliff(*paths['clipped to 0.1'][-1])[0] < 0.01"
        " and abs(paths['clipped to 0.1'][-1, 0] - 4) < 0.05",
    ),
    (
        "with which it zigzags along the edge",
        "np.ptp(np.sign(paths['clipped to 0.1'][5:40, 1] - paths['clipped to 0.1'][4:39, 1])) == 2",
    ),
    (
        "leave the picture in one jump",
        "np.linalg.norm(np.diff(paths['not clipped'], axis=0), axis=1).max() > 5",
    ),
    (
        "about half are lost in this way without clipping, and none with it",
        "70 < stuck['not clipped'] < 140 and stuck['clipped to 0.1'] == 0",
    ),
    (
        "should fall from about 0.3 to below 0.05",
        "0.2 < np.mean(losses_of_wave[:10]) < 0.4 and np.mean(losses_of_wave[-10:]) < 0.05",
    ),
    (
        "the first steps are clipped, and soon stay below it, so that most steps are not",
        "min(norms_of_wave[:3]) > 0.5 and sum(norm > 0.5 for norm in norms_of_wave) < 40"
        " and max(norms_of_wave[40:]) < 0.8",
    ),
    (
        "for the 4,000 sequences below it is 0.17",
        "abs(np.mean((sums - 1) ** 2) - 0.17) < 0.005",
    ),
    (r"$1.1^{100} \approx 13{,}800$ times", "round(1.1**100, -2) == 13800"),
    ("the loss begins near 1", f"all(0.7 < curves[name][0] < 1.5 for name in {_CLIPPED})"),
    (
        "the sums themselves range from nearly 0 to nearly 2",
        "sums[:32].min() < 0.1 and sums[:32].max() > 1.8",
    ),
    (
        "The three here live on as ruins, which give the same answer to every sequence: all their"
        " units are silent",
        f"all(spread[name] < 1e-3 and silent[name] == 32 for name in {_FREE})",
    ),
    (
        "Their answers lie within 0.2 of each other",
        f"all(0 < spread[name] < 0.2 for name in {_CLIPPED})",
    ),
    (
        "More than nine in ten steps were clipped",
        f"all(np.mean(lengths[name] > 1) > 0.9 for name in {_CLIPPED})",
    ),
    (
        "its first gradient has a norm of 240 or more",
        f"all(lengths[name][0] > 240 for name in {_CLIPPED})",
    ),
    ("half of them below 40", f"all(np.median(lengths[name]) < 40 for name in {_CLIPPED})"),
    (
        "About half of their units have gone silent too",
        f"all(11 < silent[name] < 25 for name in {_CLIPPED})",
    ),
    (
        "slightly worse than always answering 1",
        f"all(lasts[name] > np.mean((sums - 1) ** 2) for name in {_CLIPPED})",
    ),
]

# The null: clipping keeps the loss down and does not bring it below what needs no learning.
ON_OTHER_SEEDS = [
    (
        2,
        "at the second, the loss is above 1,000 in every run",
        f"all(curves[name][1] > 1000 or name in ended for name in {_FREE})",
    ),
    (
        2,
        "Clipping helps: no clipped run is ever worse than where it began",
        f"all(peaks[name] < 1.1 * curves[name][0] for name in {_CLIPPED})"
        f" and not set({_CLIPPED}) & set(ended)",
    ),
    (
        2,
        "Over the last 50 steps their mean loss is between 0.17 and 0.22",
        f"all(0.165 < lasts[name] < 0.225 for name in {_CLIPPED})",
    ),
    (
        2,
        "about half are lost in this way without clipping, and none with it",
        "70 < stuck['not clipped'] < 140 and stuck['clipped to 0.1'] <= 2",
    ),
]
CLAIMS += [claim[1:] for claim in ON_OTHER_SEEDS[:3]]
