"""The figures of the lessons. Every axis has a label, with its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

# Okabe and Ito's colours, which people with any colour vision can tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":")
WIDTH = 8.0


def lines(
    x: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    levels: Mapping[str, float] | None = None,
    marks: Mapping[str, float] | None = None,
    log: bool = False,
    ylim: tuple[float, float] | None = None,
    height: float = 3.2,
) -> None:
    """Draw named curves over x.

    curves  name -> values, as many as x has
    levels  name -> height of a thin horizontal line to compare with
    marks   name -> position on x of a thin vertical line
    log     whether the vertical axis is logarithmic
    height  of the figure, in inches
    """
    _, axes = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    for n, (name, values) in enumerate(curves.items()):
        axes.plot(
            x, values, DASHES[n % 4], color=COLOURS[n % len(COLOURS)], label=name, linewidth=2
        )
    for n, (name, level) in enumerate((levels or {}).items()):
        axes.axhline(level, color="0.4", linestyle=DASHES[-1 - n % 3], linewidth=1.2, label=name)
    for name, position in (marks or {}).items():
        axes.axvline(position, color="0.4", linewidth=1)
        axes.annotate(
            f" {name}", (position, 1), xycoords=("data", "axes fraction"), va="top", color="0.3"
        )
    if log:
        axes.set_yscale("log")
    if ylim:
        axes.set_ylim(ylim)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    _beside(axes)


def heatmaps(
    panels: Mapping[str, np.ndarray],
    *,
    title: str,
    rows: Sequence[object],
    columns: Sequence[object],
    xlabel: str,
    ylabel: str,
    label: str | None = None,
    numbers: str | None = None,
    limits: tuple[float, float] = (0.0, 1.0),
) -> None:
    """Draw arrays of the same axes side by side, in one scale of colours.

    panels   name -> (rows, columns)
    rows     what stands beside each row, from the top
    columns  what stands under each column
    label    what the colours mean, for a bar beside the panels; None for no bar
    numbers  format in which each value is written into its square, such as ".2f"; None: it is not
    """
    _, axes = plt.subplots(
        1, len(panels), figsize=(WIDTH, 3.4), layout="constrained", sharey=True, squeeze=False
    )
    low, high = limits
    for panel, (name, values) in zip(axes[0], panels.items(), strict=True):
        image = panel.imshow(
            values, vmin=low, vmax=high, cmap="viridis", aspect="auto", interpolation="nearest"
        )
        panel.set_xticks(range(len(columns)), list(columns))
        panel.set_yticks(range(len(rows)), list(rows))
        panel.set(title=name, xlabel=xlabel)
        if numbers:
            for place, value in np.ndenumerate(values):
                colour = "black" if value > (low + high) / 2 else "white"
                panel.text(
                    *place[::-1], format(value, numbers), ha="center", va="center", color=colour
                )
    axes[0, 0].set_ylabel(ylabel)
    if label:
        axes[0, 0].figure.colorbar(image, ax=axes[0], label=label)
    axes[0, 0].figure.suptitle(title)


def unrolled_graph(steps: int) -> None:
    """Draw one cell with its loop and, beside it, the same cell unrolled over some steps."""
    _, axes = plt.subplots(figsize=(WIDTH, 2.6), layout="constrained")
    _cell(axes, 0.0, "$x_t$", "$h_t$")
    loop = {"arrowstyle": "-|>", "connectionstyle": "arc3,rad=-1.6", "linewidth": 1.6}
    axes.annotate("", (0.4, -0.2), (0.4, 0.2), arrowprops=loop | {"color": COLOURS[1]})
    axes.text(1.6, 0.0, "is", ha="center", va="center", fontsize=13)
    axes.text(2.3, 0.0, "$h_0$", ha="center", va="center", fontsize=13)
    for n in range(steps):
        at = 3.4 + 1.7 * n
        _arrow(axes, (at - 0.85, 0.0), (at - 0.4, 0.0), COLOURS[1])
        _cell(axes, at, f"$x_{{{n + 1}}}$", f"$h_{{{n + 1}}}$")
        axes.plot([at + 0.4, at + 0.85], [0, 0], color=COLOURS[1], linewidth=1.6)
    axes.text(3.4 + 1.7 * steps - 0.6, 0.0, "...", ha="center", va="center", fontsize=13)
    axes.set(xlim=(-1.1, 3.1 + 1.7 * steps), ylim=(-1.5, 1.5), aspect="equal")
    axes.set_title("One cell with a loop, and the same cell unrolled over time")
    axes.axis("off")


def gate_blocks(inputs: int, units: int) -> None:
    """Draw the packed weights Wx, Wh and b of an LSTM with the columns of each gate."""
    gates = {"i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate"}
    _, axes = plt.subplots(figsize=(WIDTH, 3.4), layout="constrained")
    top = 0.0
    for name, rows in (("Wx", inputs), ("Wh", units), ("b", 1)):
        for n, gate in enumerate(gates):
            place = (n * units, top)
            axes.add_patch(Rectangle(place, units, rows, color=COLOURS[n], alpha=0.35, linewidth=0))
            middle = (place[0] + units / 2, top + rows / 2)
            axes.text(*middle, gate, ha="center", va="center", fontsize=13)
        for row in range(rows + 1):
            axes.plot([0, 4 * units], [top + row] * 2, color="white", linewidth=1)
        for column in range(4 * units + 1):
            axes.plot([column] * 2, [top, top + rows], color="white", linewidth=1)
        shape = f"({rows}, {4 * units})" if name != "b" else f"({4 * units},)"
        axes.text(-0.2, top + rows / 2, f"{name} {shape}", ha="right", va="center")
        top += rows + 0.6
    for n, words in enumerate(gates.values()):
        middle = (n + 0.5) * units
        axes.text(middle, -0.2, words, ha="center", va="bottom", color=COLOURS[n])
    axes.set(xlim=(-3.4, 4 * units), ylim=(top - 0.4, -0.8), aspect="equal")
    axes.set_yticks([])
    axes.set_xticks([n * units for n in range(5)])
    axes.set_xlabel("column")
    axes.set_title(f"The packed weights for D = {inputs} inputs and H = {units} units")
    axes.spines[:].set_visible(False)


def gate_heatmaps(
    signals: Mapping[str, np.ndarray],
    gates: Mapping[str, np.ndarray],
    cells: Mapping[str, np.ndarray],
) -> None:
    """Draw the inputs over time, each gate of each unit as a heat map, and the cell states.

    signals  name -> (T,), the input channels
    gates    name -> (T, H), each entry in [0, 1]
    cells    name of the unit -> (T,), in the order of the gates' columns
    """
    _, panels = plt.subplots(
        len(gates) + 2,
        1,
        figsize=(WIDTH, 2.8 + 1.1 * len(gates)),
        layout="constrained",
        sharex=True,
        height_ratios=[1.5] + [1] * len(gates) + [1.9],
    )
    steps = np.arange(len(next(iter(signals.values()))))
    for n, (name, values) in enumerate(signals.items()):
        panels[0].plot(steps, values, DASHES[n], color=COLOURS[n], label=name)
    panels[0].set(ylabel="input", title="Inputs, gates and cell states")
    image = None
    for panel, (name, values) in zip(panels[1:], gates.items(), strict=False):
        image = panel.imshow(
            values.T, aspect="auto", vmin=0, vmax=1, cmap="viridis", interpolation="nearest"
        )
        panel.set_yticks(range(len(cells)), list(cells))
        panel.set_ylabel(f"gate {name}")
    for n, (name, values) in enumerate(cells.items()):
        panels[-1].plot(steps, values, DASHES[n], color=COLOURS[n], label=name, linewidth=2)
    panels[-1].set(ylabel="cell state c", xlabel="time (steps)")
    for panel in (panels[0], panels[-1]):
        _beside(panel)
    if image is not None:
        beside = panels[1 + len(gates) // 2].inset_axes([1.03, -0.8, 0.02, 2.6])
        beside.set_in_layout(False)  # the legends above and below leave room for it
        beside.figure.colorbar(image, cax=beside, label="gate (0 shut, 1 open)")


def _beside(axes: Axes) -> None:
    """Put the legend right of the axes, where it hides no curve, and a light grid behind."""
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)


def _cell(axes: Axes, at: float, below: str, above: str) -> None:
    axes.add_patch(Rectangle((at - 0.4, -0.4), 0.8, 0.8, color=COLOURS[0], alpha=0.35))
    axes.text(at, 0, "cell", ha="center", va="center")
    _arrow(axes, (at, -0.95), (at, -0.4), "0.2")
    _arrow(axes, (at, 0.4), (at, 0.95), "0.2")
    axes.text(at, -1.2, below, ha="center", va="center", fontsize=13)
    axes.text(at, 1.2, above, ha="center", va="center", fontsize=13)


def _arrow(axes: Axes, start: tuple, end: tuple, colour: str) -> None:
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=arrow)
