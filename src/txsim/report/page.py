"""The report as one HTML page: what stands in it, in which order, and how it is put together."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from txsim.compare.people import whose_people
from txsim.errors import printable
from txsim.figures.glyph import glyph
from txsim.formatting import capital, listed, plain
from txsim.report import (
    answer,
    assumptions,
    basis,
    by_group,
    in_rows,
    money,
    over_time,
    side_by_side,
)
from txsim.report.design_in_words import described, in_one_line
from txsim.report.view import Design, View

if TYPE_CHECKING:
    from jinja2 import Template

    from txsim.compare import Comparison

_LINES_END = re.compile(r"[\t\r\n]+")

BUSY = 0.9
"""From this share of its minutes on a role is called a bottleneck."""

FILES: tuple[tuple[str, str], ...] = (
    ("outcomes.csv", "every outcome of every design and group, with its interval"),
    ("differences.csv", "every difference from the first design, with its interval"),
    ("retention.csv", "the retention curves by day and definition"),
    ("curves.csv", "all other curves: relapse, exits, waiting, deaths"),
    ("roles.csv, services.csv", "staff minutes and sessions"),
    ("exits.csv, costs.csv", "why people left, and what a year costs"),
    ("replications.parquet", "every outcome in every simulated year"),
    ("data_dictionary.csv", "what each column and each outcome means"),
    ("manifest.json", "versions, seeds and digests, and the command to run again"),
)


FACTS = {
    "replications": "simulated years of each design",
    "draws": "simulated worlds",
    "uncertainty": "what is not known is drawn",
}
"""Names of a manifest's facts that a reader would not know by their key."""


@dataclass(frozen=True)
class Introduced:
    """A design with its title, the line that says what it is, and the question it answers."""

    design: Design
    sign: str
    title: str
    line: str
    question: str


def html(comparison: "Comparison") -> str:
    """Return the report on ``comparison`` as the text of one self-contained HTML page.

    The same comparison gives the same text. All words that come from scenarios are escaped.
    """
    view = View(comparison)
    asked = view.others or view.designs
    questions = list(dict.fromkeys(one.scenario.question for one in asked if one.scenario.question))
    whom = by_group.for_whom(view)
    return _template().render(
        title=_heading(view),
        question=questions[0] if len(questions) == 1 else "",
        view=view,
        introduced=_introduced(view, len(questions) > 1),
        whose=whose_people(comparison.designs),
        sign={design.name: glyph(design.look) for design in view.designs},
        answer=answer.answer(view),
        price=money.price(view),
        notes=list(comparison.notes),
        words=basis.meaning_of_the_words(view) if view.paired else [],
        basis=basis.basis(view),
        staying=over_time.staying(view),
        blocks=side_by_side.side_by_side(view),
        details=[
            (heading, picture)
            for heading, picture in (
                (f"Relapse: {answer.free(view)}", over_time.relapse(view)),
                ("Getting in", over_time.waiting(view)),
                ("Why people leave", in_rows.exits(view)),
                ("Staff minutes", in_rows.staff(view)),
                ("Money", money.cost(view)),
            )
            if picture is not None
        ],
        whom=whom,
        steps=side_by_side.way_to_the_result(view),
        moves=side_by_side.what_moves(view),
        bottleneck=_bottleneck(view),
        weak=assumptions.weak_numbers(view),
        sources=assumptions.sources(view),
        local=assumptions.local_figures(view),
        in_force=assumptions.evidence_in_force(view),
        grades=assumptions.GRADES,
        cannot_say=assumptions.CANNOT_SAY,
        command=printable(str(comparison.manifest.get("command", ""))),
        facts=_facts(comparison.manifest),
        files=FILES,
        style=_style(),
    )


@cache
def _style() -> str:
    return files("txsim.report").joinpath("report.css").read_text(encoding="utf-8")


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("txsim.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capital"] = capital
    return environment.get_template("report.html")


def _shown(value: Any) -> Any:
    """What stands between marks of the page: words with all their signs, in one line."""
    from markupsafe import Markup

    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(_LINES_END.sub(" ", value))


def _heading(view: View) -> str:
    """Return the heading of the page: the designs by name, or one design by its title."""
    if len(view.designs) == 1:
        return view.first.scenario.title or view.first.label
    return answer.title(view)


def _introduced(view: View, with_questions: bool) -> list[Introduced]:
    first = view.first
    return [
        Introduced(
            design,
            glyph(design.look),
            _own_title(view, design),
            described(design.scenario)
            if design is first
            else in_one_line(first.scenario, design.scenario, first.label),
            design.scenario.question if with_questions and design is not first else "",
        )
        for design in view.designs
    ]


def _own_title(view: View, design: Design) -> str:
    """Return a design's title where it says more than its name and is not another's as well."""
    title = design.scenario.title
    shared = [other for other in view.designs if other.scenario.title == title]
    return "" if len(shared) > 1 or title.lower() == design.label.lower() else title


def _bottleneck(view: View) -> str:
    """Say where minutes bind, or that they do not."""
    busiest = in_rows.tightest(view)
    if not busiest:
        return ""
    tight: dict[str, list[str]] = {}
    for design, role, share in busiest:
        if share >= BUSY:
            used = "of 100 minutes used " if not tight else ""
            where = view.under(design).strip()
            tight.setdefault(role, []).append(f"{plain(100 * share)} {used}{where}".strip())
    if tight:
        parts = [f"the {role.lower()} ({listed(where)})" for role, where in tight.items()]
        return f"Time is short for {listed(parts)}."
    most = max(share for _, _, share in busiest)
    return (
        f"No role uses more than {plain(100 * most)} of 100 minutes staffed over the whole run, "
        "so staff time is seldom what decides."
    )


def _facts(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a manifest's facts as lines of name and value.

    The command stands on its own, and the clock and the machine are left to the manifest: they
    are no part of the result, and the same comparison is to give the same page.
    """
    facts: list[tuple[str, str]] = []
    for key, value in manifest.items():
        name = FACTS.get(key, key.replace("_", " "))
        if key in ("command", "clock_and_machine") or value is None:
            continue
        if key == "designs":
            facts += [(f"digest of {design['name']}", design["digest"]) for design in value]
        elif isinstance(value, dict):
            facts.append((name, ", ".join(f"{part} {one}" for part, one in value.items())))
        else:
            facts.append(
                (
                    name,
                    {True: "yes", False: "no"}.get(value, str(value))
                    if isinstance(value, bool)
                    else str(value),
                )
            )
    return facts
