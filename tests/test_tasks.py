"""The signals of the lessons are what their docstrings say."""

import hashlib
import re
from importlib import resources

import numpy as np
import pytest

from unrolled import plots, tasks


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_a_pulse_is_zero_but_for_one_step():
    xs = tasks.pulse(steps=6, at=2, height=3.0)
    assert xs.shape == (1, 6, 1)
    assert xs[0, :, 0].tolist() == [0, 0, 3, 0, 0, 0]


def test_a_wave_has_its_periods_and_nothing_else_but_noise(rng):
    steps = 1200
    spectrum = np.abs(np.fft.rfft(tasks.wave(rng, steps, (24, 8), (1.0, 0.5), noise=0.1)))
    # A sine of amplitude a over n steps, a whole number of periods, has the height a n / 2.
    heights = spectrum[[steps // 24, steps // 8]] / (steps / 2)
    assert heights == pytest.approx([1.0, 0.5], abs=0.05)
    spectrum[[steps // 24, steps // 8]] = 0
    # White noise of deviation s has the mean square height n s^2.
    assert np.mean(spectrum**2) == pytest.approx(steps * 0.1**2, rel=0.2)


def test_the_same_seed_gives_the_same_wave():
    first, second = (tasks.wave(np.random.default_rng(4), 50) for _ in range(2))
    assert np.array_equal(first, second)


def test_each_target_of_a_forecast_is_the_next_value_of_the_series():
    series = np.arange(20.0)
    xs, ys = tasks.forecast_windows(series, steps=5, every=3)
    assert xs.shape == ys.shape == (5, 5, 1)
    assert xs.dtype == ys.dtype == np.float32
    assert xs[:, 0, 0].tolist() == [0, 3, 6, 9, 12]
    assert np.array_equal(ys, xs + 1)
    assert np.array_equal(xs[0, :, 0], series[:5])


def test_a_series_with_one_value_more_than_a_window_gives_one_window():
    xs, ys = tasks.forecast_windows(np.arange(6.0), steps=5)
    assert xs.shape == (1, 5, 1)
    assert ys[0, -1, 0] == 5


def test_a_series_too_short_for_a_window_is_named():
    with pytest.raises(ValueError, match="series has 5 values; expected more than 5"):
        tasks.forecast_windows(np.zeros(5), steps=5)


def test_a_flag_stands_exactly_where_a_bit_does(rng):
    xs, bits = tasks.flagged_bits(rng, count=40, steps=7, every=3)
    assert xs.shape == (40, 7, 2) and bits.shape == (40, 7)
    assert (xs[:, :, 1] == [1, 0, 0, 1, 0, 0, 1]).all()
    assert set(np.unique(bits)) == {-1, 1}
    for start, stop in ((0, 3), (3, 6), (6, 7)):
        assert (bits[:, start:stop] == xs[:, start : start + 1, 0]).all()
    # The bits at different steps are drawn apart.
    assert (bits[:, 0] != bits[:, 3]).any() and (bits[:, 3] != bits[:, 6]).any()


def test_the_noise_between_the_bits_has_the_deviation_asked_for(rng):
    xs, _ = tasks.flagged_bits(rng, count=500, steps=21, every=20, noise=0.3)
    assert xs[:, 1:20, 0].std() == pytest.approx(0.3, rel=0.05)


def test_each_file_of_data_has_the_checksum_and_the_terms_that_stand_beside_it():
    folder = resources.files("unrolled") / "data"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    names = re.findall(r"^## (\S+)$", readme, re.MULTILINE)
    told = re.findall(r"SHA-256: `([0-9a-f]{64})`", readme)
    assert readme.count("- Source: ") == readme.count("- Licence: ") == len(names)
    found = {p.name for p in folder.iterdir()} - {"README.md"}
    assert found == set(names)
    for name, checksum in zip(names, told, strict=True):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
    assert sum(len((folder / name).read_bytes()) for name in names) < 300_000


def test_the_daily_series_has_every_day_of_its_fifteen_years():
    dates, births = tasks.daily_series()
    assert (dates[0], dates[-1]) == (np.datetime64("2000-01-01"), np.datetime64("2014-12-31"))
    assert np.array_equal(np.diff(dates), np.ones(5478, "timedelta64[D]"))
    assert births.shape == dates.shape and births.dtype.kind == "i"
    assert births.min() > 5000 and births.max() < 17000
    # 1 January 2000, a Saturday; fewer children are born on Sundays than on Tuesdays.
    sundays, tuesdays = births[1::7], births[3::7]
    assert sundays.mean() < 0.7 * tuesdays.mean()


def test_the_text_is_a_whole_book_in_ascii():
    text = tasks.text()
    assert len(text) == 148_480 and text.isascii() and "\r" not in text
    assert "Alice was beginning to get very tired" in text
    assert text.rstrip().endswith("THE END")


def test_an_echo_asks_for_the_bit_of_some_steps_before(rng):
    xs, ys = tasks.echo_bits(rng, count=30, steps=9, lag=4)
    assert xs.shape == ys.shape == (30, 9, 1)
    assert set(np.unique(xs)) == set(np.unique(ys)) == {-1, 1}
    assert np.array_equal(ys[:, 4:], xs[:, :-4])
    assert (ys[:, :4] != xs[:, :4]).any()


def test_a_brief_event_stands_where_its_label_says(rng):
    series, labels = tasks.brief_event(rng, 400, days=12, places=(None, 5, 2), height=50.0)
    assert series.shape == (400, 12) and set(labels) == {0, 1, 2}
    for label, place in ((1, 5), (2, 2)):
        rows = series[labels == label]
        assert (rows.argmax(axis=1) == 12 - place).all()
        assert rows[:, 12 - place].mean() == pytest.approx(50, abs=0.5)
    assert series[labels == 0].max() < 6
    assert series[:, 0].std() == pytest.approx(1, rel=0.2)


def test_every_figure_labels_its_axes(monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", lambda: None)
    plt.switch_backend("Agg")
    x = np.arange(4)
    plots.lines(
        x,
        {"one": x, "two": 2 * x},
        title="t",
        xlabel="time (steps)",
        ylabel="state (no unit)",
        levels={"level": 1.0},
        marks={"mark": 2},
    )
    (axes,) = plt.gcf().axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time (steps)", "state (no unit)")
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["one", "two", "level"]
    plots.lines(x, {"held": x}, title="t", xlabel="x", ylabel="y", stepped=True)
    assert plt.gca().lines[0].get_drawstyle() == "steps-mid"
    gates = {"i": np.zeros((4, 2)), "f": np.ones((4, 2))}
    signals = {"wave": np.linspace(0, 2, 4), "flag": np.array([0, 1, 0, 0])}
    plots.gate_heatmaps(signals, gates, {"first": x, "second": x})
    panels = plt.gcf().axes
    assert [line.get_drawstyle() for line in panels[0].lines] == ["default", "steps-mid"]
    assert [a.get_ylabel() for a in panels[:4]] == ["input", "gate i", "gate f", "cell state c"]
    assert panels[3].get_xlabel() == "time (steps)"
    plots.gate_blocks(inputs=2, units=3)
    assert [int(t) for t in plt.gcf().axes[0].get_xticks()] == [0, 3, 6, 9, 12]
    plots.packings(inputs=2, units=3)
    assert [a.get_title() for a in plt.gcf().axes] == ["BasicLSTMCell", "keras.layers.LSTM"]
    plt.gcf().canvas.draw()
    plots.backward_graph(steps=3)
    plt.gcf().canvas.draw()
    plots.lstm_backward_graph(steps=3)
    written = [t.get_text() for t in plt.gcf().axes[0].texts]
    assert {"$dh_{0}$", "$dc_{0}$", "$dhs_{3}$"} <= set(written)
    plt.gcf().canvas.draw()
    plots.heat_maps(
        {"first": np.zeros((2, 3)), "second": np.ones((2, 3))},
        title="t",
        rows="ab",
        columns=(1, 2, 4),
        xlabel="lag (steps)",
        ylabel="window (steps)",
        label="right",
        numbers=".1f",
    )
    first, second, bar = plt.gcf().axes
    assert [a.get_title() for a in (first, second)] == ["first", "second"]
    assert (first.get_xlabel(), first.get_ylabel()) == ("lag (steps)", "window (steps)")
    assert [t.get_text() for t in first.get_xticklabels()] == ["1", "2", "4"]
    assert {t.get_text() for t in second.texts} == {"1.0"} and bar.get_ylabel() == "right"
    plots.unrolled_graph(steps=3)
    plt.gcf().canvas.draw()
    plt.close("all")
