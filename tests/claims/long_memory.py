"""What the prose of the lesson ``long_memory`` says, and how it is tested."""

_FIRST_TO_LAST = "{name: curve[0] / curve[-1] for name, curve in fading.items()}"
_FADES = (
    f"all({_FIRST_TO_LAST}[n] < 1e-6 for n in ('basic cell', 'LSTM, forget bias 1'))"
    f" and {_FIRST_TO_LAST}['LSTM, forget bias 5'] > 1"
)
_ADDS = "adding_losses['LSTM'][-1] < 0.01 and 0.14 < adding_losses['basic cell'][-1] < 0.19"
_COIN = "np.mean(accuracy['basic cell']) < 0.6 and min(accuracy['basic cell']) < 0.55"
_DIGITS = (
    "digit_accuracy['basic cell'][-1] > 0.85"
    " and digit_accuracy['LSTM'][-1] < digit_accuracy['basic cell'][-1] - 0.1"
)

# How near a logarithm of an influence is to a line over the steps, of which the last one may stand
# apart: the correlation.
_LINE = "np.corrcoef(np.arange(90), np.log(fading[n][:90]))[0, 1] > 0.99"

CLAIMS = [
    (
        "To keep neither number and always say 1 costs a mean squared error of",
        "abs(guess_error - 1 / 6) < 0.002",
    ),
    ("costs $\\frac{1}{12}$, about 0.083", "abs(second_error - 1 / 12) < 0.002"),
    (
        "should have a mean position near 9.5, the second ones near 29.5, and the answers a mean "
        "near 1",
        "np.abs(places.mean(axis=0) - [9.5, 29.5]).max() < 0.3 and abs(y.mean() - 1) < 0.03",
    ),
    (
        "The LSTM's error falls below 0.01: it must have carried both numbers. The basic cell "
        "stays near 0.167",
        _ADDS,
    ),
    (
        "the first step should have less than a millionth of the influence of the last one. For "
        "the third it should have more than the last",
        _FADES,
    ),
    (
        "for the basic cell and for the LSTM with forget bias 1 the influence falls by about the "
        "same factor with each step further back",
        f"all({_LINE} for n in ('basic cell', 'LSTM, forget bias 1'))",
    ),
    (
        "The LSTM answers to a marked number at the beginning almost as to one at the end, and to "
        "unmarked numbers hardly at all",
        "abs(on_marked['LSTM'][:10].mean() / on_marked['LSTM'][-10:].mean() - 1) < 0.25"
        " and on_marked['LSTM'].min() > 0.6 and on_others['LSTM'] < 0.1",
    ),
    (
        "The basic cell answers to the last few of the marked numbers: for it those at the "
        "beginning might as well not be there",
        "on_marked['basic cell'][:10].max() < 0.05"
        " and on_marked['basic cell'][-5:].mean() > 5 * on_marked['basic cell'][:30].mean()",
    ),
    (
        "at 1 nearly English; and at a high one the text should fall apart",
        "min(known[0.1], known[1.0]) > 0.9 and known[3.0] < 0.6",
    ),
    (
        "is right in little more than half of the long reviews",
        "counting[0] == 1 and counting[-2] < 0.56 and counting[-1] < 0.56",
    ),
    (
        "its answers to any reviews should all be near 0.5",
        "np.abs(before_training - 0.5).max() < 0.1",
    ),
    (
        "the loss mostly stays near 0.69 for one to about eight epochs, with an unlucky seed for "
        "more than twice as many, and falls below 0.01 within a few epochs after",
        "1 <= sum(loss > 0.6 for loss in reader_losses) <= 9 and reader_losses[-1] < 0.01"
        " and len(reader_losses) <= 14",
    ),
    (
        "Your model is right at every length, and the basic cell hardly better than a coin at any",
        f"min(accuracy['your model']) > 0.98 and max(accuracy['basic cell']) < 0.62 and {_COIN}",
    ),
    (
        "Exchanging the verdict turns your model's answer round; exchanging a word after the "
        "opening hardly matters to it",
        "moved['your model'][1] > 0.9 and moved['your model'][4:].max() < 0.2",
    ),
    (
        "the verdict's is a few hundredths at most, and often next to nothing",
        "on_verdict < 0.05",
    ),
    (
        "the basic cell, whose recurrent kernel Keras starts orthogonal, reads nine in ten digits "
        "right, and the LSTM clearly fewer",
        _DIGITS,
    ),
    (
        "the LSTM has more than three times as many weights",
        "(4 * 64 * 66 + 650) / (64 * 66 + 650) > 3 and model.count_params() == 4 * 64 * 66 + 650",
    ),
    (
        "200 steps cost five to nine times as much as 25",
        "cost[False, 200] > 1.5 * cost[False, 25]",
    ),
]

ON_OTHER_SEEDS = [
    (7, "This is how the first inputs fade from the state", _FADES),
    (8, "The LSTM's error falls below 0.01", _ADDS),
    (
        8,
        "Your model is right at every length",
        f"min(accuracy['your model']) > 0.95 and {_COIN}",
    ),
    (8, "It would be wrong to conclude that an LSTM is simply better", _DIGITS),
]
