"""What the prose of the lesson ``orientation`` says, and how it is tested."""

CLAIMS = [
    ("It prints 1 above again", "runs_of_this_cell == 1"),
    (
        "there is 125 times as much to compute, and it takes less than three times as long",
        "times[2] < 25 * times[0]",
    ),
    ("On the CPU the time follows the work at the right end", "times[-1] > times[-2]"),
    (
        "at which entry it first departs (counted from 0)",
        "failure.startswith('numerical_gradient: the gradient departs first at index [0]: got 0')",
    ),
    ("how many entries are wrong", "failure.endswith('entries differ)')"),
    (
        "the slope 2.53 instead of 1.65",
        "round(slopes['one step up'], 2) == 2.53 and round(slopes['true slope'], 2) == 1.65",
    ),
    (
        "With a step to each side the curvature cancels, and 1.83 is much nearer",
        "round(slopes['a step up and a step down'], 2) == 1.83",
    ),
    (
        "`(0.1 + 1e-5) - 2e-5 + 1e-5` gives 0.09999999999999999",
        "repr((0.1 + 1e-5) - 2e-5 + 1e-5) == '0.09999999999999999'",
    ),
    (
        "2, -4, 6, then -6, 3, -2, and `x` as it was",
        "np.allclose(of_squares, [[2, -4, 6]]) and np.allclose(of_product, [[-6, 3, -2]])",
    ),
    (
        "entries of 1e-17 and 2e-17 are as far apart as 1 and 2",
        "abs(relative_error(1e-17 * row, 2e-17 * row) - relative_error(row, 2 * row)) < 1e-12",
    ),
    ("every comparison with NaN is false", "not (np.nan < 0 or np.nan >= 0 or np.nan == np.nan)"),
    (
        "which is the larger of the two lengths or nearly so, but for the left end",
        "np.linalg.norm(0.01 * vector + 0.001 * noise) < 1.02 * 0.01 * np.linalg.norm(vector)",
    ),
    (
        "0 for equal vectors, 1 beside zero, 2 for opposite ones, then 0.0925",
        "np.allclose(found, [0, 1, 2, 0.0925], atol=1e-4) and relative_error(0.0, 0.0) == 0",
    ),
    (
        "The right gradient is about 1e-10 away from the differences at both points",
        "max(told['right'], told_further_out['right']) < 1e-9",
    ),
    (
        "the next three are more than 1e-2 away at the first",
        "min(list(told.values())[1:4]) > 1e-2",
    ),
    (
        "where it was tested first, because there no entry is above 3",
        "told['entries cut at 3'] == told['right'] and point.max() < 3",
    ),
    ("and is far off at the second point", "told_further_out['entries cut at 3'] > 0.1"),
    (
        "by a factor of 100 each time the step is divided by 10",
        "abs(errors['float64'][at['1e-02']] / errors['float64'][at['1e-03']] - 100) < 10",
    ),
    (
        "In float64 it is near 1e-5, with an error of about 1e-10",
        "2e-6 < steps[errors['float64'].argmin()] < 1e-4"
        " and 1e-12 < errors['float64'].min() < 5e-10",
    ),
    ("At 1e-12 the error is about 1e-3", "1e-4 < errors['float64'][at['1e-12']] < 1e-2"),
    (
        "In float32 the best step is near 1e-2 and the error does not get below 1e-5",
        "1e-3 < steps[errors['float32'].argmin()] < 1e-1 and errors['float32'].min() > 1e-5",
    ),
    (
        "at `eps = 1e-5` it is a few percent, so a right gradient would be called wrong",
        "0.01 < errors['float32'][at['1e-05']] < 0.2",
    ),
    (
        "Below about 1e-7 the curve is flat at 1",
        "np.all(errors['float32'][steps < 1e-8] == 1)"
        " and np.all(errors['float32'][steps < 1e-7] > 0.5)",
    ),
    (
        "so both values are rounded to the same number",
        "not numerical_gradient(in_float32, point, 1e-9).any()",
    ),
    (
        "in the end $x + \\varepsilon$ is rounded to $x$ itself",
        "np.all((point + 1e-13).astype('float32') == point.astype('float32'))",
    ),
    (
        "take `eps = 1e-2` and accept a relative error below 1e-3",
        "errors['float32'][at['1e-02']] < 1e-3 / 5",
    ),
]
