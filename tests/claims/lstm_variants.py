"""What the prose of the lesson ``lstm_variants`` says, and how it is tested."""

CLAIMS = [
    ("the alarms at steps 20, 53, 73 and 93", "alarms == [20, 53, 73, 93]"),
    ("four peaks of 0.76", "round(float(np.tanh(1)), 2) == 0.76"),
    ("bias $-\\ln 19$", "abs(sigmoid(-np.log(19)) - 1 / 20) < 1e-12"),
    (
        "the three sums 1.928, 0 and 1.928",
        "np.abs(projected_lstm_step(np.zeros((1, 1)), np.zeros((1, 3)), np.full((1, 2), 2.0),"
        " np.zeros((1, 8)), np.zeros((3, 8)), np.repeat([-30.0, 30.0, 0.0, 30.0], 2),"
        " np.array([[1.0, 1.0, 0.0], [1.0, -1.0, 2.0]]))[0] - [1.928, 0, 1.928]).max() < 1e-3",
    ),
    (
        "your step must forecast exactly as well as Keras",
        "abs(projected_errors[-1] - lstm_error) < 1e-4",
    ),
    (
        "the forecast is worse than repeating the last value; with four it is hardly better, if"
        " at all",
        "min(projected_errors[:2]) > repeat_last and projected_errors[2] > 0.9 * repeat_last",
    ),
    ("up to the factor $1 / 0.8 = 1.25$", "factor.size and np.abs(factor - 1.25).max() < 1e-4"),
    ("after 20 steps one percent", "round(0.8**20, 2) == 0.01"),
    ("that is 87 times too large", "round(1.25**20) == 87"),
    (
        "less than once in ten thousand times",
        "0.2**10 + 10 * 0.8 * 0.2**9 + 45 * 0.8**2 * 0.2**8 < 1e-4"
        " and COPIES == 10 and 3 * 30 / COPIES / KEEP > 10 > 2 * 30 / COPIES / KEEP",
    ),
    (
        "it should reach 0.985, and not 4",
        "round(gru_count, 3) == 0.985",
    ),
    (
        "The two errors differ by a few percent with this seed",
        "abs(gru_error / lstm_error - 1) < 0.1",
    ),
    (
        "a layer between two others goes from $8H^2$ weights to $9HP$",
        "abs(lstm_param_count(1000, 1000) / 8e6 - 1) < 0.01"
        " and abs(lstm_param_count(250, 1000, 250) / (9 * 1000 * 250) - 1) < 0.01",
    ),
    ("they should be equal", "all(counts_agree)"),
    ("this should give 66.0 million", "round(large / 1e6, 1) == 66.0"),
    (
        "17.1 million without a projection, and 5.6 million with one to 512",
        "(round(wide / 1e6, 1), round(narrow / 1e6, 1)) == (17.1, 5.6)",
    ),
    (
        "At $P = 16$ the cell has 2,816 weights where the plain one has 4,352",
        "(prices[widths.index(16)], plain_price) == (2816, 4352)",
    ),
    (
        "At $P = 32$ it has 5,376: from $P = 4H / 5$ on, here 25.6",
        "prices[-1] == 5376 and lstm_param_count(1, 32, 25) < plain_price"
        " < lstm_param_count(1, 32, 26)",
    ),
    (
        "with $z$ shut and $r$ open $\\tanh(0.7) = 0.6044$; with both shut 0",
        "abs(gru_states['keep'] - 0.7) < 1e-6 and abs(gru_states['take'] - 0.6044) < 1e-4"
        " and abs(gru_states['reset']) < 1e-6",
    ),
    ("should be below 0.00001, and not exactly zero", "0 < gru_difference < 1e-5"),
    (
        "both layers have about as many weights",
        "(lstm.layers[0].count_params(), gru.layers[0].count_params()) == (4352, 4440)",
    ),
]

ON_OTHER_SEEDS = [
    (
        10,
        "right at every one of 100,000 steps, the second to raise no alarm at all, and the third"
        " to be right as well, but to talk all the time",
        "timing['with peepholes'] == timing['with peepholes'] | {'steps right':"
        " 1.0, 'alarms found': 1.0} and timing['with peepholes']['output without an alarm'] < 1e-3"
        " and timing['peepholes zero']['alarms found'] == 0"
        " and timing['no peepholes, output open']['steps right'] == 1"
        " and timing['no peepholes, output open']['output without an alarm'] > 0.3",
    ),
    (
        10,
        "With 16, half of 32, the error is within 5 percent of the whole LSTM's, and with 12 within"
        " 15 percent",
        "projected_errors[widths.index(16)] < 1.05 * lstm_error"
        " and projected_errors[widths.index(12)] < 1.15 * lstm_error",
    ),
    (
        10,
        "Between the layers the masks do no harm",
        "remembered['between the layers'].min() > 0.99",
    ),
    (
        10,
        "from the second flag on, at step 10, the network reports the latest bit, which agrees with"
        " the first in half of the sequences, give or take chance",
        "remembered['also on c over time'][:6].min() > 0.9"
        " and abs(remembered['also on c over time'] - latest)[10::10].max() < 0.03"
        " and abs(latest[10:] - 0.5).max() < 0.13",
    ),
    (
        10,
        "Already before step 10 some sequences have no entry left",
        "0.7 < remembered['also on c over time'][9] < 0.96",
    ),
    (
        10,
        "at step 99 fewer than three in four sequences are right",
        "remembered['also on h over time'][:19].min() > 0.93"
        " and 0.5 < remembered['also on h over time'][99] < 0.75",
    ),
    (
        10,
        "by less than a fifth with others",
        "abs(gru_error / lstm_error - 1) < 0.2 and max(lstm_error, gru_error) < repeat_last / 2",
    ),
]
