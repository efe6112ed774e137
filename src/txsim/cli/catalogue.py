"""`txsim catalogue`: what the model rests on, with grades and evidence."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from txsim.cli.terminal import CommandOnFiles, say, say_json
from txsim.errors import printable

if TYPE_CHECKING:
    from pydantic import BaseModel

    from txsim.catalogue import Catalogue, Number

KINDS = {
    "services": "what a clinic can offer",
    "medications": "medications, and care without one",
    "diagnoses": "psychiatric diagnoses",
    "second_substances": "what people use beside the first substance",
    "barriers": "what stands between a person and a visit",
    "traits": "what people bring with them",
    "roles": "kinds of staff",
    "mixes": "named case mixes",
    "streams": "ways of coming",
    "take_home": "rules on take-home doses",
    "rule_presets": "named sets of the clinic's rules (rules.preset)",
    "hazards": "what can happen to a person on a day",
    "mediators": "changing states through which services act",
    "model": "figures of the model itself",
    "costs": "prices and quality weights",
    "evidence": "published findings",
}


HELP = """\
List the kinds of the catalogue, the entries of a kind, or one entry with its evidence.

Each number is shown with its unit, 95 % limits, grade (A strong to D assumption) and the
findings it rests on, cited below it.

\b
Examples:
  txsim catalogue
  txsim catalogue services
  txsim catalogue services case_management
  txsim catalogue case_management
  txsim catalogue services music_therapy --scenario my-clinic.toml

Exit codes: 0 found, 2 no such kind or entry.
"""


@click.command(
    "catalogue",
    cls=CommandOnFiles,
    help=HELP,
    short_help="Look up services, diagnoses, ... with their evidence.",
)
@click.argument("kind", required=False)
@click.argument("name", required=False)
@click.option("--scenario", metavar="FILE", help="As this scenario has it, own blocks included.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(kind: str | None, name: str | None, scenario: str | None, as_json: bool) -> None:
    """List the kinds of the catalogue, the entries of a kind, or one entry with its evidence."""
    catalogue = _catalogue(scenario)
    if kind is None:
        counts = {one: len(_entries(catalogue, one)) for one in KINDS}
        if as_json:
            say_json(counts)
            return
        _table([(one, str(counts[one]), words) for one, words in KINDS.items()])
        say("", "Next: txsim catalogue KIND, then txsim catalogue KIND NAME")
        return
    if kind not in KINDS and name is None:
        kind, name = _kind_of(catalogue, kind), kind
    elif kind not in KINDS:
        raise _unknown("kind", kind, list(KINDS))
    entries = _entries(catalogue, kind)
    if name is None:
        if as_json:
            say_json({one: _headline(entry) for one, entry in entries.items()})
        else:
            _table([(one, _headline(entry)) for one, entry in entries.items()])
        return
    if name not in entries:
        raise _unknown(f"entry of {kind}", name, list(entries))
    if as_json:
        say_json(_with_evidence(catalogue, entries[name]))
    else:
        _show(catalogue, f"{kind}.{name}", entries[name])


def _catalogue(scenario: str | None) -> "Catalogue":
    if scenario is not None:
        from txsim.scenario import load

        return load(scenario).catalogue
    from txsim.catalogue import load_catalogue

    return load_catalogue()


def _entries(catalogue: "Catalogue", kind: str) -> "Mapping[str, BaseModel]":
    if kind == "costs":
        return {"costs": catalogue.costs}
    if kind == "rule_presets":
        from txsim.scenario.rule_presets import rule_presets

        return rule_presets()
    entries: Mapping[str, BaseModel] = getattr(catalogue, kind)
    return entries


def _kind_of(catalogue: "Catalogue", name: str) -> str:
    """The kind that has an entry of this name; TxsimError when there is none."""
    for kind in KINDS:
        if name in _entries(catalogue, kind):
            return kind
    names = [
        *KINDS,
        *(one for kind in KINDS if kind != "evidence" for one in _entries(catalogue, kind)),
    ]
    raise _unknown("kind or entry", name, names, listed=tuple(KINDS))


def _unknown(what: str, name: str, known: list[str], listed: tuple[str, ...] = ()) -> Exception:
    from txsim.errors import CatalogueError
    from txsim.scenario.mistakes import LONG_LIST, nearest

    found = nearest(name, known)
    allowed = ", ".join(listed or known)
    details = [f'got "{name}"']
    if not found or len(listed or known) <= LONG_LIST:
        details.append(f"allowed {allowed}")
    if found:
        details.append(f"did you mean {found}?")
    return CatalogueError(f"there is no {what} of this name ({', '.join(details)})")


def _headline(entry: "BaseModel") -> str:
    from txsim.catalogue import EvidenceRow, Number

    if isinstance(entry, Number):
        return entry.in_words
    if isinstance(entry, EvidenceRow):
        return entry.quantity
    return str(getattr(entry, "label", "the price table"))


def _table(rows: list[tuple[str, ...]]) -> None:
    rows = [tuple(map(printable, row)) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        say("  ".join([*cells, row[-1]]).rstrip())


def _show(catalogue: "Catalogue", path: str, entry: "BaseModel") -> None:
    from txsim.catalogue import EvidenceRow

    if isinstance(entry, EvidenceRow):
        _table([(key, str(value)) for key, value in entry.model_dump(exclude_none=True).items()])
        return
    label = getattr(entry, "label", "")
    say(f"{path}: {label}" if label else path)
    if words := getattr(entry, "description", ""):
        say(_in_one_line(words))
    rows = list(_lines("", entry, {"label", "description", "note", "grade", "evidence", "source"}))
    if rows:
        say("")
        _table(rows)
    if note := getattr(entry, "note", None):
        say("", _in_one_line(note))
    if source := getattr(entry, "source", None):
        say("", f"Source: {source}")
    cited = _cited(catalogue, entry)
    if cited:
        say("", "Evidence:")
        for row in cited:
            doi = f" doi:{row['doi']}" if row["doi"] else ""
            say(f"  {row['id']}: {row['quantity']}")
            say(f"    {row['citation']}{doi} (checked: {row['verified']})")


def _in_one_line(words: str) -> str:
    return " ".join(words.split())


def _lines(path: str, thing: Any, left_out: set[str]) -> Iterator[tuple[str, ...]]:
    """What an entry says, one line for each thing said; what it leaves empty is not shown."""
    from pydantic import BaseModel

    from txsim.catalogue import Number

    if isinstance(thing, Number):
        yield path or "value", thing.in_words, _basis(thing)
    elif isinstance(thing, BaseModel):
        for name, field in type(thing).model_fields.items():
            if name not in left_out:
                key = field.alias or name
                inner = f"{path}.{key}" if path else key
                yield from _lines(inner, getattr(thing, name), left_out)
    elif isinstance(thing, dict):
        for name, one in thing.items():
            yield from _lines(f"{path}.{name}", one, set())
    elif isinstance(thing, tuple) and thing and not isinstance(thing[0], str):
        for position, one in enumerate(thing):
            yield from _lines(f"{path}[{position + 1}]", one, set())
    elif isinstance(thing, tuple):
        if thing:
            yield path, ", ".join(thing), ""
    elif thing not in (None, "", 0, False):
        yield path, "yes" if thing is True else str(thing), ""


def _basis(number: "Number") -> str:
    grade = f"grade {number.grade}" if number.grade else ""
    rests_on = ", ".join(number.evidence) or number.source or ""
    note = number.note or ""
    return "; ".join(part for part in (grade, rests_on, note) if part)


def _cited(catalogue: "Catalogue", entry: "BaseModel") -> list[dict[str, Any]]:
    """The evidence rows that an entry and its numbers name, each once, in order."""
    from txsim.catalogue.load import numbers_within

    ids = dict.fromkeys(getattr(entry, "evidence", ()))
    ids |= dict.fromkeys(one for _, number in numbers_within("", entry) for one in number.evidence)
    return [catalogue.evidence[one].model_dump() for one in ids if one in catalogue.evidence]


def _with_evidence(catalogue: "Catalogue", entry: "BaseModel") -> dict[str, Any]:
    values = entry.model_dump(mode="json", by_alias=True)
    return {**values, "evidence_rows": _cited(catalogue, entry)}
