"""Reads the runnable parts of a Markdown page.

A `python` block is run as it stands. In a `console` block each line that opens with "$ " is a
command. A `toml` block whose first line is "# name.toml" is a file the blocks after it may use.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Snippet:
    language: str
    line: int
    text: str

    @property
    def commands(self) -> list[list[str]]:
        """The commands of a console block, a line ending in a backslash joined to the next."""
        joined = self.text.replace("\\\n", " ")
        return [shlex.split(line[2:]) for line in joined.splitlines() if line.startswith("$ ")]

    @property
    def file_name(self) -> str | None:
        """The name a toml block gives itself in its first line."""
        named = re.match(r"# ([\w-]+\.toml)$", self.text.partition("\n")[0])
        return named.group(1) if named else None


def snippets(page: Path) -> Iterator[Snippet]:
    """All fenced blocks of a page that name their language, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Snippet(found.group(1), line, found.group(2))


def with_few_replications(snippet: Snippet) -> Snippet:
    """The same snippet with the fewest replications, so that it takes seconds."""
    return replace(snippet, text=re.sub(r"(replications[ =])\d+", r"\g<1>4", snippet.text))
