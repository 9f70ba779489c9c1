"""Figures with sliders: a picture in the notebook that follows them where there is a kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Slider:
    """A number that a student can change.

    label   what stands beside it
    start   where it stands at first
    low, high, step   the range, and the distance between two values
    """

    label: str
    start: float
    low: float
    high: float
    step: float


def explore(draw: Callable[..., None], **sliders: Slider) -> None:
    """Draw a figure, with sliders below it that draw it again in its place.

    draw      draws one figure for a number by the name of each slider

    The figure is an ordinary picture, drawn for the sliders' start. So it also stands where nothing
    can move: in a saved notebook, on a web page, in feedback.
    """
    # Imported when asked: grading runs the cell that imports this module, and shows no widget.
    import ipywidgets
    from IPython.display import display

    controls = {
        name: ipywidgets.FloatSlider(
            value=slider.start,
            min=slider.low,
            max=slider.high,
            step=slider.step,
            description=slider.label,
            continuous_update=False,  # a figure takes longer to draw than a mouse to move
            style={"description_width": "initial"},
            layout={"width": "60%"},
        )
        for name, slider in sliders.items()
    }

    def figure():
        return _drawn(draw, {name: control.value for name, control in controls.items()})

    picture = display(figure(), display_id=True)
    for control in controls.values():
        control.observe(lambda change: picture.update(figure()), names="value")
    display(ipywidgets.VBox(list(controls.values())))


def _drawn(draw: Callable[..., None], values: dict[str, float]):
    """The figure that ``draw`` makes, taken from Matplotlib so that it is not shown twice."""
    import matplotlib.pyplot as plt

    draw(**values)
    figure = plt.gcf()
    plt.close(figure)
    return figure
