"""Rosters with something wrong in them, each settled by a seed and a number.

A roster is broken in its bytes, cells, header, separators and quotation marks; it holds invented
people whose names and words must never appear in a message.
"""

from __future__ import annotations

from random import Random

from inputs import MAIN, Inputs, broken_bytes, chance

from txsim.scenario.roster import COLUMNS, template

PEOPLE = "people.csv"
SECRETS = (
    "Quendryth Oxbarrow", "quokkaflint@example.org", "Zvonimira", "born 1987-03-14 in Ghent",
    "+32 489 555 913", "takes his brother's pills", "BSN-719284416", "Wrexley-Thorne",
)  # fmt: skip
FRAGMENTS = (
    "quendryth", "oxbarrow", "quokkaflint", "zvonimira", "1987-03-14", "ghent", "489 555",
    "brother", "719284416", "wrexley", "thorne",
)  # fmt: skip
"""What no message may hold, in small letters."""
CELLS = (
    "", " ", "NA", "n/a", "unknown", ".", "-9", "99", "999", "1e1", "3_4", "٣٤", "4,5", "0x10",
    "nan", "inf", "1e400", "9" * 400, "yes", "NO", "TRUE", "f", "m", "female", "opioid", "alcohol",
    "self", "court", "methadone", "depression|ptsd", "depression; ptsd", "none", "=1+1", "@x",
    '"', "'", "\x1b[2J", "a\nb", "a\rb", "\u202e", "x" * 20000, "|", "||", "12", "110", "111",
)  # fmt: skip


def roster(seed: int, number: int) -> Inputs:
    """A roster, and a scenario that uses it."""
    luck = chance("roster", seed, number)
    header = list(COLUMNS)
    if luck.random() < 0.4:
        header = [*header[:4], *luck.sample(header[4:], luck.randrange(len(header) - 4))]
    people = luck.choice((0, 1, 2, 12, 12, 60, 400, 20_000 if luck.random() < 0.05 else 30))
    rows = [_person(luck, header, place) for place in range(people)]
    for _ in range(luck.choice((0, 1, 1, 3, 30))):
        if rows and luck.random() < 0.8:
            row = luck.choice(rows)
            row[luck.randrange(len(row))] = luck.choice((*CELLS, *SECRETS))
        else:
            at = luck.randrange(len(header))
            header[at] = luck.choice((*SECRETS, "", "AGE", " age ", "Age", "age", header[at] * 2))
    if luck.random() < 0.15:
        rows.insert(luck.randrange(len(rows) + 1), [luck.choice(SECRETS)] * luck.randrange(40))
    text = _as_csv(luck, header, rows)
    if luck.random() < 0.3:
        text = broken_bytes(luck, text)
    if luck.random() < 0.05:
        text = template().encode() + text
    used = (
        f'extends = "baseline"\npopulation.roster = "{PEOPLE}"\n'
        'medication.assign = "by preference"\n'
    )
    return Inputs({PEOPLE: text, MAIN: used.encode()}, read=PEOPLE, secrets=FRAGMENTS)


def _person(luck: Random, header: list[str], place: int) -> list[str]:
    usual = {
        "person": f"{luck.choice(SECRETS)} {place}",
        "age": str(luck.randrange(18, 80)),
        "sex": luck.choice(("f", "m", "female", "male", "")),
        "substance": luck.choice(("opioid", "opioid", "alcohol")),
        "distance_km": f"{luck.uniform(0, 60):.1f}",
        "use_days": str(luck.randrange(31)),
        "stream": luck.choice(("self", "court", "")),
        "medication": "",
        "diagnoses": luck.choice(("none", "", "depression", "depression|ptsd")),
        "barriers": luck.choice(("none", "", "transport", "transport | money")),
    }
    return [usual.get(name, luck.choice(("yes", "no", ""))) for name in header]


def _as_csv(luck: Random, header: list[str], rows: list[list[str]]) -> bytes:
    comma = luck.choice((",", ",", ",", ";", "\t", "|"))
    end = luck.choice(("\n", "\n", "\r\n", "\r"))
    quotes = luck.choice(("none", "needed", "all"))

    def cell(text: str) -> str:
        if quotes == "all" or (quotes == "needed" and set(text) & {comma, '"', "\n", "\r"}):
            return '"' + text.replace('"', '""') + '"'
        return text

    lines = [comma.join(map(cell, row)) for row in (header, *rows)]
    if luck.random() < 0.1:
        lines.insert(0, f"sep={comma}")
    if luck.random() < 0.1:
        lines.insert(0, "# " + luck.choice(SECRETS))
    code = luck.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"))
    return (end.join(lines) + end).encode(code, "replace")
