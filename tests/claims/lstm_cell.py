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
        "about `8e-31`, `2.5e-14` and `0.51`",
        "np.abs(kept[[0, 1, 4]] / [8e-31, 2.5e-14, 0.51] - 1).max() < 0.03",
    ),
    (
        "After ten steps 4 percent are then left where 0.1 percent would be",
        "round(sigmoid(1.0) ** 10, 2) == 0.04 and round(0.5**10, 3) == 0.001",
    ),
]
