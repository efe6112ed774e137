"""What was compared: each design in a line, and whose people they serve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from txsim.compare.people import whose_people
from txsim.formatting import listed
from txsim.report.design_in_words import described, in_one_line
from txsim.report.view import Design, View


@dataclass(frozen=True)
class Introduced:
    """A design with its title, the line that says what it is, and the question it answers."""

    design: Design
    title: str
    line: str
    question: str


def show(view: View) -> Mapping[str, object]:
    """Return the designs as they are introduced, and whose people ask under each."""
    return {"introduced": introduced(view), "whose": whose_people(view.comparison.designs)}


def title(view: View) -> str:
    """Return the heading of the page: the designs by name, or one design by its title."""
    names = [design.label for design in view.designs]
    if len(names) == 1:
        return view.first.scenario.title or names[0]
    return f"{names[0]} against {listed(names[1:])}"


def questions(view: View) -> Sequence[str]:
    """Return what the designs ask, each question once."""
    asked = [one.scenario.question for one in view.others or view.designs]
    return list(dict.fromkeys(question for question in asked if question))


def introduced(view: View) -> list[Introduced]:
    """Return the designs as they are introduced, with their questions where these are several."""
    first, several = view.first, len(questions(view)) > 1
    return [
        Introduced(
            design,
            _own_title(view, design),
            described(design.scenario)
            if design is first
            else in_one_line(first.scenario, design.scenario, first.label),
            design.scenario.question if several and design is not first else "",
        )
        for design in view.designs
    ]


def _own_title(view: View, design: Design) -> str:
    """Return a design's title where it says more than its name and is not another's as well."""
    title = design.scenario.title
    shared = [other for other in view.designs if other.scenario.title == title]
    return "" if len(shared) > 1 or title.lower() == design.label.lower() else title
