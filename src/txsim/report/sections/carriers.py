"""Which numbers of the world the answer rests on, by the draws that there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from txsim.compare.carriers import ENOUGH_DRAWS, FEWEST_DRAWS, SURE
from txsim.compare.summary import records
from txsim.formatting import counted
from txsim.report.view import View


@dataclass(frozen=True)
class Carrier:
    """One number behind a figure."""

    words: str
    grade: str
    correlation: str
    goes_with: str
    """What goes along with a larger number."""


@dataclass(frozen=True)
class Figure:
    """A figure and the numbers that go along with it more than chance would have them."""

    heading: str
    numbers: list[Carrier]


def show(view: View) -> Mapping[str, object] | None:
    """Return the numbers behind each headline figure that can be told from chance.

    Nothing where nothing was drawn.
    """
    if view.draws == 0:
        return None
    looked_at = records(view.comparison.carriers)
    figures = list(_figures(view, [row for row in looked_at if row["chance"] <= SURE]))
    return {
        "figures": figures,
        "caution": _caution(view, bool(looked_at), bool(figures)),
        "command": _command(view),
    }


def _figures(view: View, told: list[dict[str, Any]]) -> Iterator[Figure]:
    later = f"{view.horizon[1]} later"
    outcomes = {
        view.retained: f"still in care {later}",
        view.free_of_regular_use: f"{view.free} {later}",
    }
    for design in view.designs:
        for outcome, words in outcomes.items():
            rows = [
                row for row in told if row["scenario"] == design.name and row["outcome"] == outcome
            ]
            if rows:
                against = f" against {view.first.label}" if rows[0]["baseline"] else ""
                yield Figure(
                    f"{design.label}{against}: {words}",
                    [
                        Carrier(
                            row["words"],
                            row["grade"],
                            f"{row['correlation']:+.2f}".replace("-", "\u2212"),
                            _goes_with(row["correlation"], bool(against)),
                        )
                        for row in rows
                    ],
                )


def _goes_with(correlation: float, is_difference: bool) -> str:
    more = correlation > 0.0
    if is_difference:
        return "a difference further up" if more else "a difference further down"
    return "more people" if more else "fewer people"


def _caution(view: View, looked_at: bool, told: bool) -> str:
    if not looked_at:
        return (
            f"This took {counted(view.draws, 'parameter set')}, and nothing can be said of the "
            f"numbers behind the answer with fewer than {FEWEST_DRAWS}."
        )
    few = view.draws < ENOUGH_DRAWS
    sets = f"With {counted(view.draws, 'parameter set')}, far fewer than there are numbers, "
    if told:
        return f"{sets}others of the same weight may have been missed." if few else ""
    nothing = "no number stands out from what chance would show."
    return f"{sets}{nothing}" if few else nothing.capitalize()


def _command(view: View) -> str:
    """The command that asks the numbers themselves."""
    names = [view.first.name, *(one.name for one in view.compared[:1])]
    return f"txsim sensitivity {' '.join(names)}"
