"""Take a roster's text apart into lines of cells, as spreadsheets and statistics programs write it.

A first line `sep=;` is obeyed, comments above the header are passed over, and lines may end as on
any system. No message repeats what a line holds.
"""

import csv
import re
from collections.abc import Iterator

from txsim.scenario.roster.columns import COLUMNS
from txsim.scenario.roster.mistakes import Fault
from txsim.scenario.roster.numbers import decimal_comma_in

SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
"""Signs that may stand between cells."""

UNCLEAR_CELLS = (
    "it is unclear where cells end from here on: a quotation mark is not closed, or a cell or "
    "line is far too long"
)

NAMES_SEPARATOR = re.compile(r'\s*"?sep=', re.IGNORECASE)
"""How a first line begins by which Excel is told the sign between the cells."""

MOST_LINES = 1_000_000
"""Lines that are read; a line of a roster has more than 50 signs."""

MOST_COMMENTS = 1_000
"""Comments and empty lines that may stand above the header."""

LONGEST_LINE = 1_000_000
"""Signs that belong to one person; more do when a quotation mark or all line ends are missing."""

EMPTY = ' "\t,;'
"""What a line may hold and still say nothing."""


class CannotBeRead(Exception):
    """The text is not a table; `line` says from where on, `fault` why."""

    def __init__(self, line: int, fault: Fault) -> None:
        """Keep the line and the fault; neither holds anything of the text."""
        super().__init__(fault.message)
        self.line = line
        self.fault = fault


class Sheet:
    """The lines of a roster's text: first its header, then its rows."""

    def __init__(self, text: str) -> None:
        """Find the header and the sign between the cells.

        Raises CannotBeRead when there is no header, or the first line names another sign.
        """
        self._text = text.replace("\r\n", "\n").replace("\r", "\n")
        start, line, named = _named_separator(self._text)
        self._start, self._line = _header(self._text, start, line)
        end = self._text.find("\n", self._start, self._start + LONGEST_LINE)
        header = self._text[self._start : end if end >= 0 else self._start + LONGEST_LINE]
        self.separator = named or max(SEPARATORS, key=header.count)
        self.decimal_comma = decimal_comma_in(self._text, self.separator)
        self._read_to = self._start
        self._line_began = self._start

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Each line that is not empty, with its number in the file and its cells stripped.

        A cell may run over several lines; the number is that of the first. Raises CannotBeRead
        where it is unclear where cells end.
        """
        reader = csv.reader(self._raw_lines(), delimiter=self.separator, strict=True)
        while True:
            line = self._line + reader.line_num
            if reader.line_num >= MOST_LINES:
                raise CannotBeRead(line, Fault(f"the file has more than {MOST_LINES:,} lines"))
            self._line_began = self._read_to
            try:
                cells = next(reader, None)
            except (csv.Error, _TooLong):
                raise CannotBeRead(line, Fault(UNCLEAR_CELLS)) from None
            if cells is None:
                return
            cells = [cell.strip() for cell in cells]
            if any(cells):
                yield line, cells

    def _raw_lines(self) -> Iterator[str]:
        """The text line by line; _TooLong when too much of it is taken for one line of cells."""
        text = self._text
        while self._read_to < len(text):
            start = self._read_to
            self._read_to = text.find("\n", start) + 1 or len(text)
            if self._read_to - self._line_began > LONGEST_LINE:
                raise _TooLong
            yield text[start : self._read_to]


class _TooLong(Exception):
    """What is taken for one line of cells cannot be one."""


def _named_separator(text: str) -> tuple[int, int, str]:
    """Where the lines behind `sep=` begin, with the number of the first, and the sign named."""
    start = len(text) - len(text.lstrip("\n"))
    line = start + 1
    found = NAMES_SEPARATOR.match(text, start)
    if not found:
        return start, line, ""
    end = text.find("\n", start) + 1 or len(text)
    sign = text[found.end() : found.end() + 1]
    if sign not in SEPARATORS or text[found.end() + 1 : end].strip(EMPTY + "\n"):
        message = "the sign that sep= names is not one that may stand between cells"
        raise CannotBeRead(line, Fault(message, allowed=", ".join(SEPARATORS.values())))
    return end, line + 1, sign


def _header(text: str, start: int, line: int) -> tuple[int, int]:
    """Where the header begins, behind comments and empty lines, and the number of its line."""
    for _ in range(MOST_COMMENTS):
        end = text.find("\n", start) + 1 or len(text)
        said = text[start:end].strip(EMPTY + "\n")
        if (said and not said.startswith("#")) or end == len(text):
            return start, line
        start, line = end, line + 1
    message = f"no columns are named in the first {MOST_COMMENTS:,} lines"
    raise CannotBeRead(line, Fault(message, allowed=", ".join(COLUMNS)))
