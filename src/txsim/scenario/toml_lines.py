"""Find the line on which every key of a TOML text stands.

No TOML reader tells where a value came from, and a planner who mistyped one figure in a long
file wants the line. The text has already been accepted by `tomllib`, so this reader only has to
find its way through it; it never has to judge it.
"""

import re
import tomllib
from bisect import bisect_right

from txsim.scenario.extent import MOST_LEVELS, STRING, TOO_DEEP, TooMuch

Path = tuple[str | int, ...]
"""Where a value stands: keys and, inside arrays, counting numbers from 0."""

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_STRING = re.compile(STRING, re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\n]+")


def lines_of_keys(text: str) -> dict[Path, int]:
    """The line, counted from 1, on which each key and each array item of `text` first stands.

    `text` must be TOML that `tomllib.loads` accepts. Tables, dotted keys, arrays of tables,
    inline tables and nested arrays are all followed. Raises TooMuch where they lie too deep.
    """
    return _Reader(text).read()


class _Reader:
    """Walks once through a text, remembering where it met each key."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.lines: dict[Path, int] = {}
        self.tables_in_array: dict[Path, int] = {}

    def read(self) -> dict[Path, int]:
        here: Path = ()
        while self._after_gap() < len(self.text):
            if self.text[self.at] == "[":
                here = self._header()
            else:
                self._pair(here)
        return self.lines

    def _header(self) -> Path:
        """`[table]` or `[[array.of.tables]]`; leaves the reader behind the closing bracket."""
        start = self.at
        many = self.text.startswith("[[", start)
        self.at += 2 if many else 1
        here: Path = ()
        keys = self._dotted_key()
        for key in keys[:-1]:
            self._note((*here, key), start)
            here = self._table_in_force((*here, key))
        here = (*here, keys[-1])
        if many:
            count = self.tables_in_array.get(here, 0)
            self.tables_in_array[here] = count + 1
            self._note(here, start)
            here = (*here, count)
        self._note(here, start)
        self._skip(_SPACE)
        self.at += 2 if many else 1
        return here

    def _table_in_force(self, path: Path) -> Path:
        """In an array of tables a later header speaks of the table written last."""
        count = self.tables_in_array.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: Path) -> None:
        start = self.at
        path = (*table, *self._dotted_key())
        for length in range(len(table) + 1, len(path) + 1):
            self._note(path[:length], start)
        self._skip(_SPACE)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self.at += 1
            item = 0
            while self.text[self._after_gap()] != "]":
                self._note((*path, item), self.at)
                self._value((*path, item))
                item += 1
                self._after_comma()
            self.at += 1
        elif opening == "{":
            self.at += 1
            while self.text[self._after_gap()] != "}":
                self._pair(path)
                self._after_comma()
            self.at += 1
        else:
            self._skip(_STRING if opening in "\"'" else _SCALAR)

    def _dotted_key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            start = self.at
            self._skip(_KEY)
            keys.append(_plain(self.text[start : self.at]))
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _after_gap(self) -> int:
        self._skip(_GAP)
        return self.at

    def _after_comma(self) -> None:
        if self.text[self._after_gap()] == ",":
            self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"not TOML at character {self.at}")
        self.at = match.end()

    def _note(self, path: Path, at: int) -> None:
        line = bisect_right(self.starts, at)
        if len(path) > MOST_LEVELS:
            raise TooMuch(TOO_DEEP, line)
        self.lines.setdefault(path, line)


def _plain(key: str) -> str:
    """The name a written key stands for, without its quotation marks."""
    if key[0] not in "\"'":
        return key
    name: str = tomllib.loads(f"name = {key}")["name"]
    return name
