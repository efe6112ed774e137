"""Which numbers of the world the answer rests on, by the draws that there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
    sure: str
    """Whether it is told from chance."""


@dataclass(frozen=True)
class Figure:
    """A figure and the numbers that go along with it most."""

    heading: str
    numbers: list[Carrier]


def show(view: View) -> Mapping[str, object] | None:
    """Return the first numbers behind each headline figure; nothing where nothing was drawn."""
    if view.draws == 0:
        return None
    figures = list(_figures(view))
    return {
        "figures": figures,
        "caution": _caution(view, figures),
        "command": _command(view),
    }


def _figures(view: View) -> Iterator[Figure]:
    later = f"{view.horizon[1]} later"
    outcomes = {
        view.retained: f"still in care {later}",
        view.free_of_regular_use: f"{view.free} {later}",
    }
    told = records(view.comparison.carriers)
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
                            "told from chance" if row["chance"] <= SURE else "may be chance",
                        )
                        for row in rows
                    ],
                )


def _goes_with(correlation: float, is_difference: bool) -> str:
    more = correlation > 0.0
    if is_difference:
        return "a difference further up" if more else "a difference further down"
    return "more people" if more else "fewer people"


def _caution(view: View, figures: list[Figure]) -> str:
    if not figures:
        return (
            f"This took {counted(view.draws, 'parameter set')}, and nothing can be said of the "
            f"numbers behind the answer with fewer than {FEWEST_DRAWS}."
        )
    told = any(one.sure == "told from chance" for figure in figures for one in figure.numbers)
    if view.draws >= ENOUGH_DRAWS:
        return "" if told else "No number stands out from what chance would show."
    few = f"With {counted(view.draws, 'parameter set')}, far fewer than there are numbers, "
    if told:
        return f"{few}only what is told from chance should be taken for more than a hint."
    return f"{few}chance alone would show numbers as close as these: take them for hints at most."


def _command(view: View) -> str:
    """The command that asks the numbers themselves."""
    names = [view.first.name, *(one.name for one in view.compared[:1])]
    return f"txsim sensitivity {' '.join(names)}"
