"""Writes the tables of `docs/model.md` from what the code and the catalogue declare.

    python docs/model_tables.py            # what would change, as names of tables; 1 if any would
    python docs/model_tables.py --write    # write them

Each table stands between two comments that name it. Text around them is written by hand.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from txsim.catalogue import load_catalogue
from txsim.catalogue.load import numbers_within
from txsim.catalogue.number import Number
from txsim.catalogue.vocabulary import HAZARDS
from txsim.state.patient import Patient, traits_of
from txsim.state.staff_member import StaffMember

PAGE = Path(__file__).with_name("model.md")
PACKAGE = Path(__file__).resolve().parents[1] / "src" / "txsim"

Rows = Iterable[tuple[str, ...]]


def told_of(module: str, name: str) -> Iterator[tuple[str, str]]:
    """Each member of a class of the package with the docstring below it, as they stand."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise SystemExit(f"there is no module {module}")
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    body = next(
        node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name
    )
    for member, words in pairwise(body):
        target = member.targets[0] if isinstance(member, ast.Assign) else member
        named = target.target if isinstance(target, ast.AnnAssign) else target
        if isinstance(named, ast.Name) and isinstance(words, ast.Expr):
            yield named.id.lower(), " ".join(str(ast.literal_eval(words.value)).split())


def members(module: str, name: str) -> Rows:
    """Members of an enumeration or a record."""
    return [(f"`{member}`", words) for member, words in told_of(module, name)]


def traits(of: type) -> Rows:
    """Traits of an agent."""
    return [(f"`{name}`", trait.sentence) for name, trait in traits_of(of).items()]


def hazards() -> Rows:
    """Hazards, with their scale and the bases that the catalogue's hazards hold."""
    for name in HAZARDS:
        hazard = load_catalogue().hazards[name]
        bases = [
            f"{substance} {base.in_words} ({graded(base)})"
            for substance in ("opioid", "alcohol")
            if isinstance(base := getattr(hazard, substance), Number)
        ]
        yield f"`{name}`", hazard.kind, hazard.description, "; ".join(bases) or "see text"


def mediators() -> Rows:
    """Mediators, and what they are."""
    for name, mediator in load_catalogue().mediators.items():
        yield f"`{name}`", mediator.description


def numbers() -> Rows:
    """The model's own numbers, with their limits, grade, and what they are."""
    for name, number in load_catalogue().model.items():
        yield f"`{name}`", number.in_words, graded(number), (number.note or "").replace("|", "/")


def seconds() -> Rows:
    """Second substances, with all their numbers."""
    for name, second in load_catalogue().second_substances.items():
        for path, number in numbers_within("", second):
            told = path.strip(".").replace("effects.", "effect on ")
            note = (number.note or "").replace("|", "/")
            yield f"`{name}`", told, number.in_words, graded(number), note


def graded(number: Number) -> str:
    """What a number rests on."""
    return number.source if number.source == "design" else f"grade {number.strength}"


def decisions() -> Rows:
    """Names of all decisions that chance enters, as the package declares and uses them."""
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for constant, name in re.findall(r'^(\w+) = decision\(\s*"([^"]+)"\s*\)', text, re.M):
            if len(re.findall(rf"\b{constant}\b", text)) > 1:
                found.append((f"`{name}`",))
    return sorted(found)


TABLES: dict[str, tuple[tuple[str, ...], Callable[[], Rows]]] = {
    "statuses": (("status", "meaning"), lambda: members("txsim.state.events", "Status")),
    "reasons": (("reason", "meaning"), lambda: members("txsim.state.events", "Reason")),
    "happenings": (("happening", "meaning"), lambda: members("txsim.state.events", "Kind")),
    "days": (("column", "counts, on that day"), lambda: members("txsim.state.records", "DayRow")),
    "people": (("trait", "meaning"), lambda: traits(Patient)),
    "posts": (("trait", "meaning"), lambda: traits(StaffMember)),
    "hazards": (("hazard", "scale", "what it is", "base"), hazards),
    "mediators": (("mediator", "what it is"), mediators),
    "numbers": (("number", "value", "basis", "what it is"), numbers),
    "decisions": (("decision",), decisions),
    "seconds": (("substance", "number", "value", "basis", "what it is"), seconds),
}


def table(name: str) -> str:
    """One table in Markdown."""
    headings, rows = TABLES[name]
    lines = [headings, tuple("---" for _ in headings), *rows()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_tables(page: str) -> str:
    """The page with every table made anew. Raises ValueError where a table has no place."""
    for name in TABLES:
        begins, ends = f"<!-- {name} begin -->", f"<!-- {name} end -->"
        if begins not in page or ends not in page:
            raise ValueError(f"{PAGE.name} has no place for the table of {name}: {begins} {ends}")
        before, after = page.split(begins)[0], page.split(ends)[1]
        page = f"{before}{begins}\n\n{table(name)}\n\n{ends}{after}"
    return page


def main() -> int:
    """Write the page, or say which tables are not as declared."""
    page = PAGE.read_text(encoding="utf-8")
    made = with_tables(page)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    stale = [name for name in TABLES if table(name) not in page]
    if stale:
        print(f"not as declared: {', '.join(stale)} (--write makes them anew)")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
