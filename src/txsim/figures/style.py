"""How every picture looks: one colour, line and marker for each design, and quiet axes.

A design keeps its colour, its dashes and its marker in every figure of a report, so that the eye
learns them once and a print in black and white still shows which is which. The first design, with
which the others are compared, is always the solid dark grey.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1c1c1c"
QUIET = "#6b6b6b"
FAINT = "#d9d9d9"
PAPER = "#ffffff"

WIDTH = 7.67
"""Width of a figure in inches; on the page one inch is 96 px, so this is the page's column."""

# Dark enough on white to be seen as lines, apart for the common kinds of colour blindness, and
# of different lightness so that a grey print keeps them apart.
# They are those of seaborn's "colorblind" palette, the two lightest of them darkened.
_FIRST_COLOUR = "#454545"
_COLOURS = ("#0173b2", "#d55e00", "#029e73", "#c065ae", "#a0703f")
_DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (6.0, 1.6),
    (2.2, 1.3),
    (7.0, 1.6, 1.6, 1.6),
    (1.0, 1.2),
    (4.0, 1.4, 1.2, 1.4, 1.2, 1.4),
)
_MARKERS = ("o", "s", "^", "D", "v", "P")


@dataclass(frozen=True)
class Look:
    """How one design is drawn in every figure; no dashes means a solid line."""

    colour: str
    dashes: tuple[float, ...]
    marker: str


def looks(designs: Sequence[str]) -> dict[str, Look]:
    """Give each design its colour, line and marker, the first design the solid dark grey.

    Beyond six designs the colours come round again with other dashes and other markers.
    """
    given = {}
    for place, design in enumerate(designs):
        if place == 0:
            given[design] = Look(_FIRST_COLOUR, _DASHES[0], _MARKERS[0])
            continue
        rounds, among = divmod(place - 1, len(_COLOURS))
        given[design] = Look(
            _COLOURS[among], _DASHES[1 + among], _MARKERS[(1 + among + rounds) % len(_MARKERS)]
        )
    return given


@contextmanager
def house_style() -> Iterator[None]:
    """Draw inside this: seaborn's white axes, small quiet type, thin lines."""
    import matplotlib as mpl
    import seaborn

    settings = {
        **seaborn.axes_style("white"),
        **seaborn.plotting_context("paper"),
        "font.size": 9.0,
        "axes.labelsize": 9.0,
        "axes.titlesize": 9.0,
        "xtick.labelsize": 9.0,
        "ytick.labelsize": 9.0,
        "legend.fontsize": 9.0,
        "font.family": ["sans-serif"],
        "font.sans-serif": ["DejaVu Sans"],
        "text.color": INK,
        "axes.labelcolor": QUIET,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "axes.edgecolor": QUIET,
        "axes.linewidth": 0.7,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titlepad": 8.0,
        "grid.color": FAINT,
        "grid.linewidth": 0.6,
        "xtick.bottom": True,
        "xtick.major.size": 3.0,
        "xtick.major.width": 0.7,
        "ytick.left": False,
        "figure.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "hatch.linewidth": 0.6,
    }
    with mpl.rc_context(settings):
        yield


def blank(height: float, width: float = WIDTH) -> "Figure":
    """Return an empty figure of the page's width; its axes are placed in inches by ``place``."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def place(figure: "Figure", left: float, bottom: float, width: float, height: float) -> "Axes":
    """Add axes to ``figure`` at a place given in inches from its lower left corner."""
    across, up = figure.get_size_inches()
    return figure.add_axes((left / across, bottom / up, width / across, height / up))


def around(
    middle: float, reached: Iterable[float], room: float = 0.3, edge: float = 0.06
) -> tuple[float, float]:
    """Return limits that hold ``middle`` and all values.

    ``room`` is kept on each side of ``middle`` and ``edge`` beyond the values, as shares of their
    spread. Values that are not known are passed over; without any the spread counts as one.
    """
    known = [value for value in reached if math.isfinite(value)]
    low, high = min([middle, *known]), max([middle, *known])
    wide = (high - low) or 1.0
    return (
        min(low - edge * wide, middle - room * wide),
        max(high + edge * wide, middle + room * wide),
    )


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move values as little as needed so that neighbours stand ``gap`` apart within low..high.

    Used for labels beside the ends of curves. Order is kept, the first of equals highest; where
    there is no room for all the gaps, the values are spread evenly.
    """
    count = len(wanted)
    if count == 0:
        return []
    if (count - 1) * gap >= high - low:
        gap = (high - low) / max(1, count - 1)
    order = sorted(range(count), key=lambda place: (wanted[place], -place))
    # Without the gaps the task is to keep values in order: neighbours out of order share a mean.
    groups: list[tuple[float, int]] = []
    for position, which in enumerate(order):
        mean, members = min(max(wanted[which], low), high) - position * gap, 1
        while groups and groups[-1][0] > mean:
            before, many = groups.pop()
            mean = (before * many + mean * members) / (many + members)
            members += many
        groups.append((mean, members))
    highest = high - (count - 1) * gap
    levels = [min(max(mean, low), highest) for mean, members in groups for _ in range(members)]
    placed = [0.0] * count
    for position, which in enumerate(order):
        placed[which] = levels[position] + position * gap
    return placed
