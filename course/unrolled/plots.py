"""The figures of the lessons. Every axis has a label, with its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

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
    stepped: bool = False,
    ylim: tuple[float, float] | None = None,
    height: float = 3.2,
) -> None:
    """Draw named curves over x.

    curves  name -> values, as many as x has
    levels  name -> height of a thin horizontal line to compare with
    marks   name -> position on x of a thin vertical line
    log     whether the vertical axis is logarithmic
    stepped whether each value is held over its step, without slopes from one to the next
    height  of the figure, in inches
    """
    _, axes = plt.subplots(figsize=(WIDTH, height), layout="constrained")
    held = "steps-mid" if stepped else "default"
    for n, (name, values) in enumerate(curves.items()):
        look = {"color": COLOURS[n % len(COLOURS)], "linewidth": 2, "drawstyle": held}
        axes.plot(x, values, DASHES[n % 4], label=name, **look)
    for n, (name, level) in enumerate((levels or {}).items()):
        axes.axhline(level, color="0.4", linestyle=DASHES[-1 - n % 3], linewidth=1.2, label=name)
    for name, position in (marks or {}).items():
        axes.axvline(position, color="0.4", linewidth=1)
        axes.annotate(
            name,
            (position, 1),
            xytext=(4, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            color="0.3",
        )
    if log:
        axes.set_yscale("log")
    if ylim:
        axes.set_ylim(ylim)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    if np.asarray(x).dtype.kind == "i":
        axes.xaxis.get_major_locator().set_params(integer=True)
    _beside(axes)


def loglog(x: Sequence[float], curves: Mapping[str, Sequence[float]], **options) -> None:
    """Draw named curves over x, both axes logarithmic; the options are those of ``lines``."""
    lines(x, curves, log=True, **options)
    plt.gca().set_xscale("log")


def marked_row(row: np.ndarray, answer: float) -> None:
    """Draw one row of the adding problem, the marked numbers in colour.

    row     (T, 2), numbers and markers
    answer  what the two marked numbers should add to, for the title
    """
    numbers, markers = row.T
    steps = np.arange(len(row))
    _, axes = plt.subplots(figsize=(WIDTH, 2.8), layout="constrained")
    axes.vlines(steps, 0, numbers, color="0.8", linewidth=3)
    axes.plot(steps, numbers, "o", color="0.6", markersize=4, label="number")
    marked = markers == 1
    axes.vlines(steps[marked], 0, numbers[marked], color=COLOURS[1], linewidth=3)
    axes.plot(steps[marked], numbers[marked], "D", color=COLOURS[1], label="marked number")
    axes.axvline(len(row) // 2 - 0.5, color="0.4", linestyle="--", linewidth=1.2, label="middle")
    axes.set(
        title=f"One row of the adding problem; its answer is {answer:.3f}",
        xlabel="position (steps)",
        ylabel="number (no unit)",
    )
    _beside(axes)


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


def backward_graph(steps: int) -> None:
    """Draw an unrolled cell with the gradients that come from the loss and from later steps."""
    _, axes = plt.subplots(figsize=(WIDTH, 2.9), layout="constrained")
    last = 2.0 * (steps - 1)
    for n in range(steps):
        at = 2.0 * n
        axes.add_patch(Rectangle((at - 0.4, -0.4), 0.8, 0.8, color=COLOURS[0], alpha=0.35))
        axes.text(at, 0, f"step {n + 1}", ha="center", va="center", fontsize=9)
        _arrow(axes, (at, 1.1), (at, 0.4), COLOURS[1])
        axes.text(at, 1.3, f"$dhs_{{{n + 1}}}$", ha="center", va="center", fontsize=12)
        _arrow(axes, (at - 0.4, 0), (at - 1.6, 0), COLOURS[2])
        words = "$dh_0$" if n == 0 else "carried"
        axes.text(at - 1.0, 0.2, words, ha="center", va="bottom", fontsize=9)
        _arrow(axes, (at, -0.4), (at, -1.1), COLOURS[3])
        axes.text(at, -1.3, f"$dx_{{{n + 1}}}$ and a share", ha="center", va="center", fontsize=10)
        axes.text(at, -1.65, "of $dW_x$, $dW_h$, $db$", ha="center", va="center", fontsize=10)
    _arrow(axes, (last + 1.4, 0), (last + 0.4, 0), COLOURS[2])
    axes.text(last + 1.5, 0, "0", ha="left", va="center", fontsize=12)
    axes.set(xlim=(-2.0, last + 1.9), ylim=(-1.9, 1.6))
    axes.set_title("Backwards: from the last step to the first")
    axes.axis("off")


def heat_maps(
    panels: Mapping[str, np.ndarray],
    *,
    rows: Sequence[object],
    columns: Sequence[object],
    title: str,
    xlabel: str,
    ylabel: str,
    label: str | None = None,
    limits: tuple[float, float] = (0.0, 1.0),
    numbers: str | None = ".2g",
    missing: str = "nan",
) -> None:
    """Draw tables of numbers side by side as heat maps, in one scale of colours.

    panels   name -> (rows, columns)
    rows     what stands beside each row, from the top; columns, what stands under each column
    label    what the colours mean, with the unit, for a bar beside the panels; None for no bar
    limits   numbers with the first and the last colour; beyond them the colour stays
    numbers  format in which each number is written into its field; None where it is not
    missing  what to write for a number that is not finite
    """
    height = 0.9 + 0.7 * len(rows) if numbers else 3.4
    _, axes = plt.subplots(
        1, len(panels), figsize=(WIDTH, height), layout="constrained", sharey=True, squeeze=False
    )
    image, middle = None, (limits[0] + limits[1]) / 2
    for panel, (name, table) in zip(axes[0], panels.items(), strict=True):
        shown = np.where(np.isfinite(table), table, limits[1])
        image = panel.imshow(
            shown,
            vmin=limits[0],
            vmax=limits[1],
            cmap="viridis",
            aspect="auto",
            interpolation="nearest",
        )
        for (row, column), value in np.ndenumerate(table if numbers else np.empty((0, 0))):
            panel.text(
                column,
                row,
                format(value, numbers) if np.isfinite(value) else missing,
                ha="center",
                va="center",
                color="white" if shown[row, column] < middle else "black",
            )
        panel.set_xticks(range(len(columns)), list(columns))
        panel.set_yticks(range(len(rows)), list(rows))
        panel.set(title=name, xlabel=xlabel)
    axes[0, 0].set_ylabel(ylabel)
    axes[0, 0].figure.suptitle(title)
    if label:
        axes[0, 0].figure.colorbar(image, ax=list(axes[0]), label=label)


def lstm_backward_graph(steps: int) -> None:
    """Draw the gradients that go back through some steps of an LSTM."""
    _, axes = plt.subplots(figsize=(WIDTH, 2.9), layout="constrained")
    for n in range(steps):
        at = 2.6 * n
        axes.add_patch(Rectangle((at - 0.5, -0.5), 1.0, 1.0, color=COLOURS[0], alpha=0.35))
        axes.text(at, 0, f"step {n + 1}", ha="center", va="center")
        _arrow(axes, (at + 0.35, 1.1), (at + 0.35, 0.5), "0.2")
        _arrow(axes, (at - 0.35, -0.5), (at - 0.35, -1.1), "0.2")
        axes.text(at + 0.35, 1.3, f"$dhs_{{{n + 1}}}$", ha="center", va="center", fontsize=13)
        axes.text(at - 0.35, -1.35, f"$dx_{{{n + 1}}}$", ha="center", va="center", fontsize=13)
        for name, height, colour in (("dc", 0.25, COLOURS[2]), ("dh", -0.25, COLOURS[1])):
            _arrow(axes, (at - 0.5, height), (at - 2.1, height), colour)
            above = 0.22 if name == "dc" else -0.24
            words = f"${name}_{{{n}}}$"
            axes.text(at - 1.3, height + above, words, ha="center", va="center", color=colour)
    axes.set(xlim=(-2.3, 2.6 * steps - 1.5), ylim=(-1.6, 1.6), aspect="equal")
    axes.set_title("Gradients go back from step to step, on two roads")
    axes.axis("off")


_GATES = {
    "i": ("input gate", COLOURS[0]),
    "f": ("forget gate", COLOURS[1]),
    "g": ("candidate", COLOURS[2]),
    "j": ("candidate", COLOURS[2]),
    "o": ("output gate", COLOURS[3]),
}


def gate_blocks(inputs: int, units: int) -> None:
    """Draw the packed weights Wx, Wh and b of an LSTM with the columns of each gate."""
    _, axes = plt.subplots(figsize=(WIDTH, 3.4), layout="constrained")
    _packed(axes, "ifgo", {"Wx": inputs, "Wh": units, "b": 1}, units)
    axes.set_title(f"The packed weights for D = {inputs} inputs and H = {units} units")


def packings(inputs: int, units: int) -> None:
    """Draw the weights of the book's cell and of Keras's LSTM with the columns of each gate."""
    _, (book, keras) = plt.subplots(2, 1, figsize=(WIDTH, 6.4), layout="constrained")
    _packed(book, "ijfo", {"kernel": inputs + units, "bias": 1}, units, cut=inputs)
    book.set_title("BasicLSTMCell")
    _packed(keras, "ifgo", {"kernel": inputs, "recurrent_kernel": units, "bias": 1}, units)
    keras.set_title("keras.layers.LSTM")
    keras.set(xlim=book.get_xlim(), ylim=(keras.get_ylim()[0], book.get_ylim()[1]))


def _packed(axes: Axes, order: str, arrays: Mapping[str, int], units: int, cut: int = 0) -> None:
    """Draw arrays of four blocks of columns, one below the other.

    order   the gates, by letter
    arrays  name -> rows; of one row is a vector
    cut     after how many rows of the first array to draw a line
    """
    top = 0.0
    for name, rows in arrays.items():
        for n, gate in enumerate(order):
            place, colour = (n * units, top), _GATES[gate][1]
            axes.add_patch(Rectangle(place, units, rows, color=colour, alpha=0.35, linewidth=0))
            middle = (place[0] + units / 2, top + rows / 2)
            axes.text(*middle, gate, ha="center", va="center", fontsize=13)
        for row in range(rows + 1):
            axes.plot([0, 4 * units], [top + row] * 2, color="white", linewidth=1)
        for column in range(4 * units + 1):
            axes.plot([column] * 2, [top, top + rows], color="white", linewidth=1)
        shape = f"({4 * units},)" if rows == 1 and top else f"({rows}, {4 * units})"
        axes.text(-0.2, top + rows / 2, f"{name}\n{shape}", ha="right", va="center")
        top += rows + 0.6
    if cut:
        axes.plot([0, 4 * units], [cut] * 2, color="0.2", linewidth=1.5)
        for words, height in (("x", cut / 2), ("h", (cut + next(iter(arrays.values()))) / 2)):
            axes.text(4 * units + 0.3, height, f"rows of {words}", va="center", color="0.3")
    for n, gate in enumerate(order):
        words, colour = _GATES[gate]
        axes.text((n + 0.5) * units, -0.2, words, ha="center", va="bottom", color=colour)
    right = 4 * units + (3 if cut else 0)
    axes.set(xlim=(-3.4 - (1 if cut else 0), right), ylim=(top - 0.4, -0.8), aspect="equal")
    axes.set_yticks([])
    axes.set_xticks([n * units for n in range(5)])
    axes.set_xlabel("column")
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
        is_flag = set(np.unique(values)) <= {0.0, 1.0}  # whose slopes would look like ramps
        look = {"color": COLOURS[n], "drawstyle": "steps-mid" if is_flag else "default"}
        panels[0].plot(steps, values, DASHES[n % 4], label=name, **look)
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


def stack_graph(layers: int, steps: int) -> None:
    """Draw a stack of layers unrolled over time, with the connections that dropout masks."""
    _, axes = plt.subplots(figsize=(WIDTH, 1.1 + 0.9 * layers), layout="constrained")
    for n in range(steps):
        at = 1.9 * n
        axes.text(at, -1.45, f"$x_{{{n + 1}}}$", ha="center", va="center", fontsize=12)
        for layer in range(layers + 1):
            bottom = 1.5 * layer
            arrow = {"arrowstyle": "-|>", "color": COLOURS[1], "linestyle": "--", "linewidth": 1.8}
            axes.annotate("", (at, bottom - 0.35), (at, bottom - 1.2), arrowprops=arrow)
            if layer == layers:
                continue
            axes.add_patch(
                Rectangle((at - 0.5, bottom - 0.35), 1.0, 0.65, color=COLOURS[0], alpha=0.35)
            )
            axes.text(at, bottom - 0.02, f"layer {layer}", ha="center", va="center", fontsize=9)
            if n:
                _arrow(axes, (at - 1.4, bottom), (at - 0.5, bottom), COLOURS[0])
    beside = 1.9 * (steps - 1) + 0.9
    axes.text(beside, 1.5 * layers - 1.5, "h and c of one step\nto the next: no mask", va="center")
    axes.text(beside, -0.8, "from below: through a mask", va="center", color=COLOURS[1])
    axes.set(xlim=(-0.7, beside + 3.6), ylim=(-1.7, 1.5 * layers - 0.2))
    axes.set_title(f"{layers} layers, {steps} steps: where dropout stands")
    axes.axis("off")


def bars(
    names: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    levels: Mapping[str, float] | None = None,
) -> None:
    """Draw a group of bars for each name, one bar a series.

    series  name -> heights, as many as there are names
    levels  name -> height of a thin horizontal line to compare with
    """
    _, axes = plt.subplots(figsize=(WIDTH, 3.0), layout="constrained")
    width = 0.8 / len(series)
    for n, (name, heights) in enumerate(series.items()):
        places = np.arange(len(names)) + (n - (len(series) - 1) / 2) * width
        bar = axes.bar(places, heights, 0.92 * width, color=COLOURS[n], label=name)
        axes.bar_label(bar, fmt="%.2f", fontsize=9)
    for n, (name, level) in enumerate((levels or {}).items()):
        axes.axhline(level, color="0.4", linestyle=DASHES[-1 - n % 3], linewidth=1.2, label=name)
    axes.margins(y=0.12)  # room for the numbers on the bars
    axes.set_xticks(range(len(names)), names)
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    _beside(axes)


def gradient_arrows(
    gradients: np.ndarray,
    panels: Mapping[str, tuple[str, np.ndarray | None]],
    limit: float,
) -> None:
    """Draw gradients of two weights as arrows, and what clipping makes of them.

    gradients  (N, 2), in grey in each panel
    panels     title -> (the outline of what is allowed, "square" or "circle", and the clipped
               gradients (N, 2) or None)
    limit      half the side of the square, the radius of the circle
    """
    _, row = plt.subplots(
        1, len(panels), figsize=(4.2 * len(panels), 4.2), layout="constrained", squeeze=False
    )
    reach = 1.1 * max(limit, float(np.max(np.abs(gradients))))
    for axes, (title, (outline, clipped)) in zip(row[0], panels.items(), strict=True):
        for n, tip in enumerate(gradients):
            _vector(axes, tip, "0.65", 1.2)
            if clipped is not None:
                _vector(axes, clipped[n], COLOURS[n % len(COLOURS)], 2.6)
        if outline == "square":
            shape = Rectangle((-limit, -limit), 2 * limit, 2 * limit)
        else:
            shape = Circle((0, 0), limit)
        shape.set(fill=False, edgecolor="0.3", linestyle="--")
        axes.add_patch(shape)
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=title)
        axes.set_xlabel("gradient of the first weight (no unit)")
        axes.set_ylabel("gradient of the second (no unit)")
        axes.grid(alpha=0.3)


def surface(
    x: np.ndarray,
    y: np.ndarray,
    heights: np.ndarray,
    paths: Mapping[str, np.ndarray] | None = None,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    label: str,
) -> None:
    """Draw a surface over two weights in colours, and paths on it.

    x, y     (M,) and (N,), the two weights
    heights  (N, M), in units that ``label`` says
    paths    name -> (steps, 2); what lies outside the drawn range is cut off
    """
    _, axes = plt.subplots(figsize=(WIDTH, 4.6), layout="constrained")
    colours = axes.contourf(x, y, heights, 30, cmap="Greys")
    axes.figure.colorbar(colours, ax=axes, label=label)
    for n, (name, path) in enumerate((paths or {}).items()):
        axes.plot(
            *path.T, "o-", color=COLOURS[n], label=name, linewidth=1.4, markersize=4, zorder=3 + n
        )
        axes.plot(*path[0], "s", color=COLOURS[n], markersize=9, zorder=3 + n)
    axes.set(
        title=title,
        xlabel=xlabel,
        ylabel=ylabel,
        xlim=(x[0], x[-1]),
        ylim=(y[0], y[-1]),
    )
    if paths:
        axes.legend(loc="lower left")


def _vector(axes: Axes, tip: np.ndarray, colour: str, width: float) -> None:
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", tuple(tip), (0, 0), arrowprops=arrow)


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
