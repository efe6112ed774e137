"""Read a clinic's own people from a CSV file: one row, one person, documented columns.

Rows never leave the machine and never reach a result: the name of a person is used to refuse
duplicates and is then forgotten, and no message repeats a cell or a header.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from txsim.catalogue import Catalogue
from txsim.catalogue.vocabulary import SUBSTANCES
from txsim.errors import Problem, ScenarioError
from txsim.scenario.files import LARGEST_ROSTER, read_text
from txsim.scenario.mistakes import listed, nearest
from txsim.scenario.paths import shown
from txsim.scenario.roster.cells import (
    LONGEST_NAME,
    MOST_SEARCHED,
    SEX_READER,
    YES_OR_NO_READER,
    NameReader,
    NamesReader,
    spelling,
)
from txsim.scenario.roster.columns import (
    COLUMNS,
    KNOWN_OF_EVERYBODY,
    LISTS,
    NEEDED,
    RANGES,
    RosterRow,
)
from txsim.scenario.roster.lines import SEPARATORS, CannotBeRead, Sheet
from txsim.scenario.roster.mistakes import (
    EMPTY_WHEN_NOT_KNOWN,
    NEEDED_OF_EVERYBODY,
    Fault,
    Mistakes,
    counted_list,
)
from txsim.scenario.roster.numbers import NumberReader

MOST_REMEMBERED = 1_000
"""Different cells of a column whose reading is remembered."""

LONGEST_REMEMBERED = 100
"""Letters of a cell whose reading is remembered."""

MOST_WRONG = 10_000
"""Rows with mistakes after which the others are not read: what is wrong is plain by then."""

MOST_TOLD = 5
"""Columns that are named one by one when they have the same mistake."""

Reader = Callable[[str], Any]


@dataclass(frozen=True, repr=False)
class Roster:
    """A roster that was read."""

    file: str
    """The file as a planner in this folder would write it."""
    rows: list[RosterRow]
    """The people."""
    columns: dict[str, str]
    """The columns that are there, and what messages call each."""
    not_read: list[Problem]
    """Columns without a name, in which something stands."""


def load_roster(path: str | Path, catalogue: Catalogue) -> list[RosterRow]:
    """The people of a roster file, checked against a catalogue.

    Raises ScenarioError, which tells each mistake once with the lines on which it stands: missing
    or unknown columns, cells of the wrong type, names that the catalogue does not hold, a person
    named twice. No message repeats what the file says.
    """
    return read_roster(path, catalogue).rows


def read_roster(path: str | Path, catalogue: Catalogue) -> Roster:
    """As `load_roster`, with what is needed to tell what was read."""
    file = shown(Path(path))
    text = read_text(Path(path), largest=LARGEST_ROSTER)
    mistakes = Mistakes(file)
    roster = None
    try:
        roster = _Reading(Sheet(text), file, catalogue, mistakes).read()
    except CannotBeRead as error:
        mistakes.add(error.line, "", error.fault)
    if mistakes or roster is None:
        raise ScenarioError(mistakes.problems())
    return roster


@dataclass(slots=True)
class _Column:
    """One column that is read: its place, what messages call it, and the cells read so far."""

    name: str
    position: int
    told: str
    read: Reader
    known: dict[str, Any]

    def value(self, cell: str) -> Any:
        """The cell's value, or the Fault in it."""
        found = self.read(cell)
        if len(cell) <= LONGEST_REMEMBERED and len(self.known) < MOST_REMEMBERED:
            self.known[cell] = found
        return found


class _Reading:
    """Reads one roster, collecting every mistake on the way."""

    def __init__(self, sheet: Sheet, file: str, catalogue: Catalogue, mistakes: Mistakes) -> None:
        self.sheet = sheet
        self.file = file
        self.catalogue = catalogue
        self.mistakes = mistakes
        self.columns: list[_Column] = []
        self.width = self.least = 0
        self.without_name: list[int] = []
        self.filled: set[int] = set()
        self.lines_by_person: dict[str, int] = {}

    def read(self) -> Roster:
        lines = self.sheet.lines()
        line, header = next(lines, (1, []))
        if not self._header(line, header):
            return Roster(self.file, [], {}, [])
        rows: list[RosterRow] = []
        wrong = 0
        for line, cells in lines:
            values = self._values(line, cells)
            if values is not None:
                if not self.mistakes:
                    rows.append(RosterRow(row=len(rows), **values))
                continue
            wrong += 1
            if wrong == MOST_WRONG:
                message = f"{MOST_WRONG:,} rows are wrong; those below this line were not read"
                self.mistakes.add(line, "", Fault(message))
                break
        if not rows and not self.mistakes:
            self.mistakes.add(0, "", Fault("the roster holds no people"))
        told = {column.name: column.told for column in self.columns}
        not_read = [
            Problem(self.file, 0, f"column {position + 1}", "it has no name, so it is not read")
            for position in sorted(self.filled)[:MOST_TOLD]
        ]
        return Roster(self.file, rows, told, not_read)

    # --- the header ----------------------------------------------------------------------------

    def _header(self, line: int, cells: list[str]) -> bool:
        """Find the columns; False when nothing below them can be read."""
        by_spelling = {spelling(name): name for name in COLUMNS}
        unknown: list[int] = []
        twice: list[int] = []
        places: dict[str, int] = {}
        for position, cell in enumerate(cells):
            name = by_spelling.get(spelling(cell)) if len(cell) <= LONGEST_NAME else None
            if not cell:
                self.without_name.append(position)
            elif name is None:
                unknown.append(position)
            elif name in places:
                twice.append(position)
            else:
                places[name] = position
        if not places:
            message = (
                "no column has a name that is known; the first line that is no comment must name "
                "the columns, with commas, semicolons or tabs between"
            )
            self.mistakes.add(line, "", Fault(message, allowed=listed(COLUMNS)))
            return False
        self.width, self.least = len(cells), max(places.values()) + 1
        missing = [name for name in NEEDED if name not in places]
        for name in missing:
            fault = Fault("this column is missing", allowed=listed(COLUMNS))
            self.mistakes.add(line, f"column {name}", fault)
        for position in twice[:MOST_TOLD]:
            name = by_spelling[spelling(cells[position])]
            self.mistakes.add(line, _told(position, name), Fault("this column stands twice"))
        self._unknown(line, cells, unknown)
        self.columns = [
            _Column(name, position, _told(position, name), self._reader(name), {})
            for name, position in places.items()
        ]
        return not missing

    def _unknown(self, line: int, cells: list[str], positions: list[int]) -> None:
        """Tell the columns of unknown names, those together that may be the same column."""
        alike: dict[str, list[int]] = {}
        for count, position in enumerate(positions):
            cell = cells[position]
            searched = count < MOST_SEARCHED and len(cell) <= LONGEST_NAME
            alike.setdefault(nearest(cell, COLUMNS) if searched else "", []).append(position)
        message = "there is no column of this name; take it out, txsim does not read it"
        for suggestion, found in alike.items():
            first = [position + 1 for position in islice(found, MOST_TOLD)]
            told = f"{'column' if len(found) == 1 else 'columns'} {counted_list(first, len(found))}"
            self.mistakes.add(line, told, Fault(message, suggestion=suggestion))

    def _reader(self, name: str) -> Reader:
        catalogue = self.catalogue
        if name in RANGES:
            return NumberReader(
                *RANGES[name],
                separator=self.sheet.separator,
                decimal_comma=self.sheet.decimal_comma,
                not_known=NEEDED_OF_EVERYBODY if name == "age" else EMPTY_WHEN_NOT_KNOWN,
            )
        if name in LISTS:
            entries = getattr(catalogue, name)
            labels = {key: entry.label for key, entry in entries.items()}
            message = "a name is not known; names stand with | between them"
            return NamesReader(NameReader(entries, labels, message=message))
        match name:
            case "person":
                return str
            case "sex":
                return SEX_READER
            case "substance":
                return NameReader(SUBSTANCES, not_known=NEEDED_OF_EVERYBODY)
            case "stream":
                labels = {key: entry.label for key, entry in catalogue.streams.items()}
                return NameReader(catalogue.streams, labels)
            case "medication":
                labels = {key: entry.label for key, entry in catalogue.medications.items()}
                allowed = self._medications()
                return NameReader(catalogue.medications, labels, allowed=allowed)
            case _:
                return YES_OR_NO_READER

    # --- the rows ------------------------------------------------------------------------------

    def _values(self, line: int, cells: list[str]) -> dict[str, Any] | None:
        """What a line says of a person; None when something in it is wrong."""
        if len(cells) < self.least or any(cells[self.width :]):
            self._wrong_width(line, len(cells))
            return None
        for position in self.without_name:
            if position < len(cells) and cells[position]:
                self.filled.add(position)
        values: dict[str, Any] = dict.fromkeys(COLUMNS)
        right = True
        for column in self.columns:
            cell = cells[column.position]
            if not cell:
                if column.name in KNOWN_OF_EVERYBODY:
                    self.mistakes.add(line, column.told, Fault("this cell is needed"))
                    right = False
                continue
            value = column.known.get(cell)
            if value is None:
                value = column.value(cell)
            if type(value) is Fault:
                self.mistakes.add(line, column.told, value)
                right = False
            else:
                values[column.name] = value
        right &= self._is_new(line, values.pop("person"))
        right &= self._medication_fits(line, values)
        values["female"] = values.pop("sex")
        return values if right else None

    def _wrong_width(self, line: int, cells: int) -> None:
        message = "this row does not have as many cells as the header"
        if cells > self.width:
            sign = SEPARATORS[self.sheet.separator]
            message = f"this row has more cells than the header; a cell with {sign} in it needs "
            message += "quotation marks around it"
        self.mistakes.add(line, "", Fault(message, got=f"{cells:,}", allowed=f"{self.width:,}"))

    def _is_new(self, line: int, person: str | None) -> bool:
        """Whether no earlier line names the same person."""
        before = self.lines_by_person.setdefault(person, line) if person else line
        if before == line:
            return True
        fault = Fault(
            f"the same person stands on line {before}",
            again="other people stand twice",
            cause="the same person",
        )
        self.mistakes.add(line, self._told_of("person"), fault)
        return False

    def _medication_fits(self, line: int, values: dict[str, Any]) -> bool:
        """Whether the medication wanted is one for the substance; unknown ones are told already."""
        name, substance = values["medication"], values["substance"]
        if not name or not substance:
            return True
        if self.catalogue.medications[name].substance == substance:
            return True
        message = "this medication is not for what the person comes for"
        fault = Fault(message, allowed=self._medications())
        self.mistakes.add(line, self._told_of("medication"), fault)
        return False

    def _told_of(self, name: str) -> str:
        return next(column.told for column in self.columns if column.name == name)

    def _medications(self) -> str:
        """The medications that people may want, by what they come for."""
        named: dict[str, list[str]] = {substance: [] for substance in SUBSTANCES}
        for name, one in self.catalogue.medications.items():
            named[one.substance].append(name)
        return "; ".join(f"{listed(names)} for {what}" for what, names in named.items())


def _told(position: int, name: str) -> str:
    """What messages call a column: its place, and the name that txsim gives it."""
    return f"column {position + 1} ({name})"
