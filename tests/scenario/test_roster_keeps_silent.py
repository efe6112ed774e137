"""Whatever a roster holds, and wherever: it is read or refused at once, and never repeated."""

import json
import logging
import pickle
import random
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from txsim.catalogue import load_catalogue
from txsim.cli import main
from txsim.errors import ScenarioError
from txsim.scenario import load
from txsim.scenario.roster import (
    COLUMNS,
    doubts,
    drawn_from_few,
    read_back,
    read_roster,
    template,
)

SECRET = "Qzvxwj Ypqkzh"
"""A person's name, no part of which stands in any text of txsim."""

FRAGMENTS = ("qzv", "zvx", "vxw", "xwj", "ypq", "pqk", "qkz", "kzh")

HEADER = ",".join(COLUMNS)
ROWS = [line for line in template().splitlines() if line.startswith("p-")]
GOOD = "\n".join([HEADER, *(row.replace("p-", f"{at}-") for at in range(6) for row in ROWS), ""])

PIECES = ('"', '""', ",", ";", "\t", "\n", "\r", "\r\n", "|", "#", "sep=", "=", "'", "\0", "\ufeff")
JUNK = (
    *PIECES,
    "4,5",
    "1.234,5",
    "NA",
    "999",
    "-9",
    "1e5",
    "９",
    "\x1b[31m",
    "\u2028",
    "opiod",
    " ",
)


def told_of(path: Path) -> str:
    """All that can be told of a roster: of what is wrong, or of what was read."""
    try:
        roster = read_roster(path, load_catalogue())
    except ScenarioError as error:
        again = pickle.loads(pickle.dumps(error))
        return "\n".join([str(error), repr(error), repr(again.problems), traceback.format_exc()])
    assert roster.rows
    few = drawn_from_few(roster.rows, 340)
    return "\n".join(map(str, [roster, roster.rows, doubts(roster), few, read_back(roster)]))


def leaked(text: str) -> list[str]:
    return [fragment for fragment in FRAGMENTS if fragment in text.casefold()]


def cells_with(secret: str, position: int, line: int) -> str:
    lines = [text.split(",") for text in GOOD.splitlines()]
    lines[line][position] = secret
    return "\n".join(map(",".join, lines))


WAYS = [
    SECRET,
    SECRET.upper(),
    f'"{SECRET}"',
    f'"{SECRET}',
    f"depression | {SECRET}",
    f"{SECRET}|none",
    f"12 {SECRET}",
    f"opioid {SECRET}",
    f"{SECRET}{',' * 3}",
    f"a\n{SECRET}",
    SECRET * 20_000,
]


@pytest.mark.parametrize("line", [0, 1, 5])
@pytest.mark.parametrize("way", range(len(WAYS)))
def test_no_cell_or_header_is_repeated(folder: Path, way: int, line: int) -> None:
    for position in range(len(COLUMNS)):
        Path("people.csv").write_text(cells_with(WAYS[way], position, line), encoding="utf-8")

        assert leaked(told_of(Path("people.csv"))) == [], list(COLUMNS)[position]


@pytest.mark.parametrize(
    "text",
    [
        f"{SECRET}\n{GOOD}",
        f"# {SECRET}\n{GOOD}",
        f'"# {SECRET}\n{GOOD}',
        f"sep={SECRET}\n{GOOD}",
        f"sep=,{SECRET}\n{GOOD}",
        f"sep={SECRET[0]}\n{GOOD}",
        f"{GOOD}\n{SECRET}",
        f'{GOOD}\n"{SECRET}',
        f'{GOOD}\n"a"{SECRET},34,f,opioid',
        f"{SECRET},63,male,opioid\n{SECRET} b,40,female,alcohol\n",
        f"person,age,sex,substance\n,{SECRET},63,male,opioid\n1;x,{SECRET},female,opioid\n",
        f"person,age,sex,substance,{SECRET}\np1,{SECRET},male,opioid,{SECRET}\n",
        f"person,age,sex,substance\n{SECRET},34,f,opioid\n{SECRET},34,f,opioid\n",
        GOOD.replace("\n", f"\0{SECRET}\n"),
        SECRET,
        f"{SECRET},\n" * 20_000,
    ],
)
def test_nothing_else_in_the_file_is_repeated(folder: Path, text: str) -> None:
    Path("people.csv").write_text(text, encoding="utf-8")

    assert leaked(told_of(Path("people.csv"))) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp1252", "cp037"])
def test_nothing_in_another_encoding_is_repeated(folder: Path, encoding: str) -> None:
    text = GOOD.replace("1-001", f"{SECRET} é").replace("2-001", SECRET)
    Path("people.csv").write_bytes(text.encode(encoding))

    assert leaked(told_of(Path("people.csv"))) == []


@settings(max_examples=60)
@given(st.data())
def test_a_secret_anywhere_is_never_told(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "anywhere.csv"
    text = GOOD
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        piece = data.draw(st.sampled_from((SECRET, *JUNK)))
        text = text[:place] + piece + text[place:]
    place = data.draw(st.integers(0, len(text)))
    path.write_text(text[:place] + SECRET + text[place:], encoding="utf-8", newline="")

    assert leaked(told_of(path)) == []


def mutated(draw: random.Random) -> bytes:
    """A good roster with one to four faults in it, and the secret somewhere."""
    text = GOOD
    for _ in range(draw.randint(1, 4)):
        place, length = draw.randrange(len(text) + 1), draw.choice((0, 0, 1, 3, 40))
        piece = draw.choice((SECRET, *JUNK, "", text[place : place + 30], "x" * 200))
        text = text[:place] + piece + text[place + length :]
    if draw.random() < 0.1:
        text = text.replace(",", draw.choice((";", "\t", "|", " ")))
    place = draw.randrange(len(text) + 1)
    raw = bytearray((text[:place] + SECRET + text[place:]).encode("utf-8"))
    if draw.random() < 0.1:
        raw[draw.randrange(len(raw))] = draw.randrange(256)
    return bytes(raw)


def test_two_thousand_damaged_rosters(folder: Path) -> None:
    """Each is read or refused within a moment, and nothing in it is told."""
    draw = random.Random(20)
    path = Path("people.csv")
    slowest, refused = 0.0, 0
    for _ in range(2_000):
        raw = mutated(draw)
        path.write_bytes(raw)
        began = time.process_time()
        told = told_of(path)
        slowest = max(slowest, time.process_time() - began)
        refused += "ScenarioError" in told
        assert leaked(told) == [], raw
    assert slowest < 1.0
    assert 200 < refused < 2_000


@pytest.mark.parametrize("words", [("roster",), ("roster", "--json"), ("check",), ("run",)])
def test_no_command_repeats_a_roster(
    write: Callable[..., Path], words: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    write('extends = "baseline"\n[population]\nroster = "people.csv"\n')
    file = "people.csv" if words[0] == "roster" else "mine.toml"
    texts = [
        cells_with(SECRET, 1, 3),
        cells_with(SECRET, 3, 0),
        f'{GOOD}\n"{SECRET}',
        f"{SECRET}\n{SECRET},63",
    ]
    for text in texts:
        write(text, "people.csv")
        with warnings.catch_warnings(record=True) as warned:
            done = CliRunner().invoke(main, [*words, file])

        assert done.exit_code == 2
        assert "people.csv" in done.output
        logged = [caplog.text, *(str(one.message) for one in warned)]
        assert leaked("\n".join([done.output, repr(done.exception), *logged])) == []


def test_a_roster_that_is_fine_is_not_repeated(write: Callable[..., Path]) -> None:
    """Names of people are forgotten, and fewer than ten are not told of."""
    write(GOOD.replace("0-001", SECRET), "people.csv")
    write('extends = "baseline"\n[population]\nroster = "people.csv"\n')

    for words in (
        ("roster", "people.csv"),
        ("roster", "people.csv", "--json"),
        ("check", "mine.toml"),
    ):
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
        assert leaked(done.output) == []
    scenario = load("mine.toml")
    assert leaked(str(pickle.dumps(scenario)) + repr(scenario) + str(scenario.warnings)) == []
    found = CliRunner().invoke(main, ["roster", "people.csv", "--json"])
    assert json.loads(found.stdout)["people"] == 12
