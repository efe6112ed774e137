"""Gathers the pages of the site from where they are kept in the repository.

Pages below `docs` keep their place. Pages that belong to other folders (`scenarios/README.md`,
`CONTRIBUTING.md`) get a place in the site. A link from one page to another leads to its place in
the site; a link to a file that is no page becomes the file's name. Some pages are made here: the
tables of evidence and of parameters from the catalogue, the commands from their own help.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

import click

from txsim.catalogue import load_catalogue
from txsim.catalogue.evidence import EvidenceRow
from txsim.catalogue.number import Number
from txsim.cli import COMMANDS, main

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]

ELSEWHERE = {
    "README.md": "getting-started.md",
    "scenarios/README.md": "scenarios.md",
    "experiments/README.md": "experiments.md",
    "benchmarks/README.md": "benchmarks.md",
    "benchmarks/results.md": "benchmark-results.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
    "docs/README.md": "index.md",
    "docs/decisions/README.md": "decisions/index.md",
    "src/txsim/catalogue/evidence.toml": "evidence.md",
}
"""Files of the repository that are pages of the site under another name. `docs/README.md` is the
list of pages for whoever reads them in the repository; the site's home stands in its place."""

FIRST_STEPS = "## Two commands"
"""Heading of the README at which its opening ends; the opening is the site's home."""

_FENCE = re.compile(r"(^```.*?^```[^\n]*$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


class DeadLink(Exception):
    """A page links to what is not there."""


def place_of(path: str) -> str | None:
    """The place in the site of a file of the repository, or None if it is no page."""
    if (PROJECT / path).is_dir():
        path = f"{path}/README.md"
    if path in ELSEWHERE:
        return ELSEWHERE[path]
    if path.startswith("docs/") and path.endswith((".md", ".ipynb")):
        return path.removeprefix("docs/").removeprefix("site/pages/")
    return None


def relinked(text: str, page: str, place: str) -> str:
    """The text of a page of the repository, its links as they are right in the site.

    Raises DeadLink for a link to a file that does not exist.
    """

    def moved(found: re.Match[str]) -> str:
        words, target = found.groups()
        if re.match(r"[a-z]+:|#", target):
            return found[0]
        path, _, anchor = target.partition("#")
        there = normpath(str(PurePosixPath(page).parent / path))
        if not (PROJECT / there).exists():
            raise DeadLink(f"{page}: {target}")
        new_place = place_of(there)
        if new_place is None:
            told = words.strip("`")
            return f"`{there}`" if told in there else f"{words} (`{there}`)"
        link = relpath(new_place, str(PurePosixPath(place).parent))
        return f"[{words}]({link}#{anchor})" if anchor else f"[{words}]({link})"

    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else _LINK.sub(moved, part) for part in parts)


def sources() -> dict[str, str]:
    """Every file of the repository that is a page, and its place in the site."""
    docs = PROJECT / "docs"
    pages = [*docs.glob("*.md"), *docs.glob("decisions/*.md"), *docs.glob("tutorials/*.ipynb")]
    paths = {str(page.relative_to(PROJECT).as_posix()) for page in pages}
    paths |= {path for path in ELSEWHERE if path.endswith(".md")}
    found = {path: place_of(path) for path in sorted(paths) if path != "docs/README.md"}
    return {path: place for path, place in found.items() if place}


def gather(folder: Path) -> None:
    """Write every page of the site below a folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, place in sources().items():
        text = (PROJECT / path).read_text(encoding="utf-8")
        if path.endswith(".ipynb"):
            put(folder, place, notebook(text, path, place))
        elif path == "README.md":
            put(folder, place, first_steps(relinked(text, path, place)))
        else:
            put(folder, place, relinked(text, path, place))
    opening = relinked((PROJECT / "README.md").read_text(encoding="utf-8"), "README.md", "index.md")
    made: dict[str, Callable[[str], str]] = {
        "index.md": lambda page: page.replace("<!-- opening -->", opening_of(opening)),
        "evidence.md": lambda page: page.replace("<!-- evidence -->", evidence()),
        "parameters.md": lambda page: page.replace("<!-- parameters -->", parameters()),
        "commands.md": lambda page: page.replace("<!-- commands -->", commands()),
        "decisions/index.md": lambda page: f"{page}\n{LIST_OF_DECISIONS}",
    }
    for written in sorted((HERE / "pages").glob("*.md")):
        shutil.copy(written, folder / written.name)
    for place, finish in made.items():
        put(folder, place, finish((folder / place).read_text(encoding="utf-8")))


def put(folder: Path, place: str, text: str) -> None:
    """Write one page."""
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(text, encoding="utf-8", newline="\n")


def opening_of(readme: str) -> str:
    """What the README says before the first steps, without its title."""
    return readme.partition(FIRST_STEPS)[0].partition("\n")[2].strip()


def first_steps(readme: str) -> str:
    """The README from the first steps on, as a page of its own."""
    _, heading, rest = readme.partition(FIRST_STEPS)
    assert rest, f"the README has no heading {FIRST_STEPS!r}"
    return f"# Getting started\n\n{heading}{rest}"


def notebook(text: str, path: str, place: str) -> str:
    """A notebook with the links of its texts moved."""
    read: dict[str, Any] = json.loads(text)
    for cell in read["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = relinked("".join(cell["source"]), path, place)
    return json.dumps(read, ensure_ascii=False)


LIST_OF_DECISIONS = """
```{toctree}
:glob:
:maxdepth: 1

[0-9]*
```
"""


def commands() -> str:
    """The help of every command, as it prints it."""
    settings = {**main.context_settings, "terminal_width": 88}
    context = click.Context(main, info_name="txsim", **settings)
    told = [f"```text\n{main.get_help(context)}\n```"]
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None, name
        inner = click.Context(command, info_name=name, parent=context)
        told.append(f"## `txsim {name}`\n\n```text\n{command.get_help(inner)}\n```")
    return "\n\n".join(told)


def evidence() -> str:
    """The table of published findings, with the numbers that rest on each."""
    catalogue = load_catalogue()
    resting: dict[str, list[str]] = {}
    for path, number in catalogue.numbers():
        for one in number.evidence:
            resting.setdefault(one, []).append(path)
    rows = [_row(row, resting.get(row.id, [])) for row in catalogue.evidence.values()]
    return f"There are {len(rows)} findings.\n\n" + _table(
        ("Finding", "Value", "Published in", "Used for"), rows
    )


def parameters() -> str:
    """The table of every number of the catalogue."""
    rows = [
        f"<tr>{''.join(map(_cell, _told(path, number)))}</tr>\n"
        for path, number in load_catalogue().numbers()
    ]
    return f"There are {len(rows)} numbers.\n\n" + _table(
        ("Number", "Value", "Grade", "Rests on"), rows
    )


def _told(path: str, number: Number) -> Iterator[tuple[str, ...]]:
    """The cells of a parameter's row."""
    yield (f"<code>{escape(path)}</code>",)
    yield (escape(number.in_words),)
    yield ("" if number.source == "design" else str(number.strength),)
    links = ", ".join(f'<a href="evidence.html#{one}">{one}</a>' for one in number.evidence)
    yield (links or escape(number.source or ""), escape(number.note or ""))


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    told = "".join(f"<th>{head}</th>" for head in heads)
    return (
        '<div class="table-wrapper evidence"><table class="docutils">\n'
        f"<thead><tr>{told}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody></table></div>\n"
    )


def _row(row: EvidenceRow, resting: list[str]) -> str:
    value = "" if row.value is None else f"{row.value:g}"
    if row.ci_low is not None and row.ci_high is not None:
        value += f" ({row.ci_low:g} to {row.ci_high:g})"
    studied = [row.effect_measure, f"n = {row.n:,}" if row.n else ""]
    source = escape(row.citation)
    if row.doi:
        source += f' <a class="reference external" href="https://doi.org/{row.doi}">{row.doi}</a>'
    numbers = "<br>".join(f"<code>{one}</code>" for one in sorted(set(resting)))
    cells = [
        (escape(row.quantity), escape(row.population), f"<code>{row.id}</code>"),
        (value, *(escape(one) for one in studied)),
        (source, f"Checked: {escape(row.verified)}"),
        (numbers, row.use.replace("-", " ")),
    ]
    return f'<tr id="{row.id}">{"".join(map(_cell, cells))}</tr>\n'


def _cell(parts: tuple[str, ...]) -> str:
    first, *further = parts
    small = "".join(f"<small>{part}</small>" for part in further if part)
    return f"<td>{first}{small}</td>"
