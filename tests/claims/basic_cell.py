"""What the prose of the lesson ``basic_cell`` says, and how it is tested."""

CLAIMS = [
    (
        "the printed states should be -0.62, 0.00 and 0.62",
        "all(abs(curve[40] - said) < 0.005"
        " for curve, said in zip(new_states.values(), (-0.62, 0.0, 0.62), strict=True))",
    ),
    ("fall below 0.1 after 3, 8 and 26 steps", "steps_above == [3, 8, 26]"),
    ("jump to 0.76", "abs(hs[0, 5] - 0.76).max() < 0.005 and not hs[0, :5].any()"),
    (
        "wipes the row out, the Glorot matrix makes it drift by orders of magnitude",
        "lengths['normal, deviation 0.05'][-1] < 1e-15 and lengths['Glorot uniform'][-1] > 100",
    ),
    ("keeps its length", "abs(lengths['orthogonal'][-1] - 1) < 1e-4"),
    (
        "below 0.00001, and not exactly zero",
        "all(0 < largest < 1e-5 for largest in differences.values())",
    ),
    (
        "they even have equally many weights",
        "models['many-to-one'].count_params() == models['many-to-many'].count_params()",
    ),
    (
        "errs by about 0.35, no better than repeating that value",
        "0.3 < errors['many-to-many'][0] < 0.4 and 0.3 < repeat_last < 0.4",
    ),
    ("many-to-one by more than 0.4", "errors['many-to-one'][0] > 0.4"),
    (
        "From about the twelfth value on",
        "errors['many-to-many'][11:].max() < 0.2 < errors['many-to-many'][:5].min()",
    ),
    (
        "about 0.12 against 0.14",
        "errors['many-to-one'][-1] < errors['many-to-many'][-1] < 0.16"
        " and errors['many-to-one'][-1] < 0.135",
    ),
]
