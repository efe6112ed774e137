"""No number about the world stands in code: they are the catalogue's, with range and source.

What may stand in code are nothing, one and two, units of time, positions, and a few sizes and
definitions, each under a name of its own with a sentence on what it is; those are listed here with
the reason why they are not about the world.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import txsim
from txsim.catalogue import load_catalogue
from txsim.state.scalars import DECLARED

PACKAGE = Path(txsim.__file__).parent
ROOMS = (
    "rules",
    "parameters",
    "state/layout.py",
    "state/sizes.py",
    "clinic/carry.py",
    "clinic/initial_caseload.py",
    "clinic/initial_state.py",
    "outcomes",
    "people/population.py",
    "people/arrivals.py",
    "economics.py",
)

SMALL = (0, 1, 2)
"""Nothing, one of something, and both of two."""
UNITS = (7, 12, 24, 28, 52, 60, 100, 365)
"""Days of a week, months, hours, days of four weeks, weeks of a year, minutes, per cent, a year."""

NAMED = {
    "rules/agenda.py": {"FADED": "a tolerance"},
    "clinic/initial_state.py": {
        "FIRST_LOG_ROWS, LOG_ROWS_EACH": "sizes of an array that grows",
        "COUNTERS": "a size",
    },
    "state/layout.py": {
        "BUCKETS": "a size",
        "IN_PLAN, PLACED, WITHOUT_EFFECT, GIVEN_UP": "bits",
    },
    "parameters/draw.py": {
        "LUCK_PER_DRAW": "how many replications share a draw",
        "PARTS": "into how many parts a range is cut at a time",
    },
    "parameters/tables.py": {"MOST_KEPT": "how many are kept"},
    "rules/day.py": {"ROWS_AT_OPENING": "how many rows the log needs"},
    "rules/clinic_rules.py": {"NO_BURDEN": "stands for nothing under a logarithm"},
    "parameters/case_mix.py": {
        "LEAST_KM": "stands for nothing under a logarithm",
        "LEAST_SHARE": "stands for nothing where no share has a normal number",
        "NORMAL_P90": "a property of the normal distribution",
    },
    "parameters/hazards.py": {"NO_CEILING": "stands for no limit"},
    "parameters/medications.py": {
        "NOT_IN_A_LIFETIME": "stands for never",
        "LEAST_RATE": "stands for nothing under a logarithm",
    },
    "rules/medication.py": {"CERTAIN": "stands for nothing under a logarithm"},
    "clinic/initial_caseload.py": {
        "YEARS_BACK": "how far the search for candidates goes",
        "TRIES": "how long the search for candidates goes on",
    },
    "parameters/scalars.py": {
        "A_QUARTER": "the load by which a number of the catalogue is told",
        "LEAST_BURDEN": "stands for nothing under a logarithm",
    },
    "rules/scheduling.py": {"WEEKS_BEFORE": "keeps weeks before day 0 above nothing"},
    "state/sizes.py": {
        "TOLERANCE": "a tolerance",
        "ALL_BITS": "bits",
        "HALF": "rounding",
        "GAPS": "definitions of retention, told by these days",
        "LEAVING_PHASES": "a size",
        "FIRST_YEAR": "a unit",
    },
    "parameters/staff.py": {"HALVINGS": "how exactly an equation is solved"},
    "rules/staff_turnover.py": {"ROUNDING": "a tolerance"},
    "rules/peer_network.py": {"SUNDAY": "a day of the week"},
    "rules/waiting.py": {"QUEUE_DAYS": "a size"},
    "people/population.py": {
        "BEFORE_DAY_0": "how people are numbered",
        "PRESENT": "how people are numbered",
        "DAYS_ASKED_ABOUT": "the days of a month, in which use is asked about",
        "YOUNG": "the definition of the trait `under_25`",
        "NOBODY": "stands for more than every normal number",
    },
    "people/arrivals.py": {
        "STRIP": "how people are numbered",
        "ROOM_TO_SPARE, LEAST_ROOM": "sizes of an array that grows",
    },
    "outcomes/families/care.py": {"MONTH": "a unit"},
    "outcomes/outcome.py": {
        "HORIZONS": "days that outcomes are told for",
        "FAR": "stands for never",
    },
    "outcomes/follow_up.py": {"SOME": "how many are looked at at a time"},
    "outcomes/families/regular_use.py": {"MOST_DAYS": "the definition of an outcome"},
    "outcomes/families/relapse.py": {
        "GRACE_DAYS": "the definition of an outcome",
        "CLEAN_DAYS": "the definition of an outcome",
        "WEEKS_RUNNING": "the definition of an outcome",
    },
    "outcomes/subgroups.py": {
        "SMALLEST_SHOWN": "groups that are withheld",
        "YOUNG, MIDDLE": "the definition of subgroups",
        "FAR_FROM_CLINIC_KM": "the definition of a subgroup",
    },
    "outcomes/survival.py": {"HALF": "the definition of a median"},
    "outcomes/families/waits.py": {"SOON": "days that an outcome is told for"},
    "economics.py": {
        "WORTH_A_WARNING": "when something is said",
        "TO_THE_THOUSAND": "how money is written",
        "CLOSE_ENOUGH": "a tolerance",
        "FIRST_STEP": "how an equation is solved",
        "ROUNDS": "how long an equation is solved",
    },
}  # fmt: skip
"""Constants that may hold other numbers: what they are, by file and name."""


def files() -> list[Path]:
    found: list[Path] = []
    for room in ROOMS:
        place = PACKAGE / room
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return found


def name_of(node: ast.stmt) -> str:
    """The names that a statement of a module gives, as they are written."""
    return ast.unparse(node.targets[0]).strip("()") if isinstance(node, ast.Assign) else ""


def counts_up(node: ast.stmt) -> bool:
    """Whether a statement of a module names places in order, from a range."""
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Tuple)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "range"
        and all(name.isupper() for name in name_of(node).split(", "))
    )


def bare_numbers(node: ast.AST) -> Iterator[tuple[int, float]]:
    """Numbers in a piece of code but for places in a sequence, with their lines."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        yield from bare_numbers(node.value)
        return
    if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
        yield from bare_numbers(node.value)
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "round":
        yield from bare_numbers(node.args[0])
        return
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield node.lineno, node.value
    for part in ast.iter_child_nodes(node):
        yield from bare_numbers(part)


def found_in(source: str, named: dict[str, str]) -> list[str]:
    """The numbers in a file's code that are neither small, nor units, nor under a known name."""
    body = ast.parse(source).body
    found = []
    for node, after in zip(body, [*body[1:], None], strict=True):
        if counts_up(node):
            continue
        known = name_of(node) in named
        told = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if known and not told and not isinstance(after, ast.Assign):
            found.append(f"line {node.lineno}: {name_of(node)} says nothing about itself")
        if not known:
            found += [
                f"line {line}: {number:g}"
                for line, number in bare_numbers(node)
                if number not in (*SMALL, *UNITS)
            ]
    return found


@pytest.mark.parametrize("file", files(), ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_numbers_about_the_world_are_in_the_catalogue(file: Path) -> None:
    named = NAMED.get(file.relative_to(PACKAGE).as_posix(), {})

    assert found_in(file.read_text(encoding="utf-8"), named) == []


def test_every_name_that_is_let_through_is_there() -> None:
    for file, named in NAMED.items():
        body = ast.parse((PACKAGE / file).read_text(encoding="utf-8")).body
        assert set(named) <= {name_of(node) for node in body}, file


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def f(x):\n    return x * 0.5", ["line 2: 0.5"]),
        ("LEAST = 0.3\n'''A word on it.'''", ["line 1: 0.3"]),
        ("KNOWN = 0.3\n'''A word on it.'''", []),
        ("KNOWN = 0.3\ndef f(): ...", ["line 1: KNOWN says nothing about itself"]),
        ("A, B = range(9)", []),
        ("A, B = 3, 4", ["line 1: 3", "line 1: 4"]),
        ("def f(x):\n    return x[3] * 7 + 365", []),
        ("def f(x=16):\n    return -x", ["line 1: 16"]),
    ],
)
def test_numbers_are_found_where_they_stand(code: str, found: list[str]) -> None:
    assert found_in(code, {"KNOWN": "why"}) == found


def test_what_the_code_reads_of_the_model_is_in_the_catalogue_and_nothing_else() -> None:
    """Each number of the model is declared as a scalar, or read under its name to make one."""
    model = load_catalogue().model
    declared = {
        one.of or name for name, one in DECLARED.items() if one.how not in ("worked out", "setting")
    }
    reading = [*files(), PACKAGE / "catalogue" / "strengths.py"]
    read = "".join(file.read_text(encoding="utf-8") for file in reading)
    unread = [name for name in model if name not in declared and f'"{name}"' not in read]

    assert declared - set(model) == set()
    assert unread == []
