"""Read a clinic's own people from a CSV file: one row, one person, documented columns.

Rows never leave the machine and never reach a result: the name of a person is used to refuse
duplicates and is then forgotten, and error messages do not repeat it.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from txsim.catalogue import Catalogue
from txsim.catalogue.vocabulary import SUBSTANCES
from txsim.errors import Problem, ScenarioError
from txsim.scenario.files import read_text
from txsim.scenario.mistakes import nearest, shown_value
from txsim.scenario.paths import shown

LARGEST_ROSTER = 50_000_000
"""Bytes; about half a million people."""

MOST_PROBLEMS = 100
"""How many problems are listed one by one; the others are counted."""

YES_OR_NO = {
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
}
SEXES = {"female": True, "f": True, "male": False, "m": False}

COLUMNS: dict[str, str] = {
    "person": "any text that names one person; forgotten after checking (needed)",
    "age": "years, 12 to 110 (needed)",
    "sex": "female or male; empty when neither or not known (column needed)",
    "substance": "opioid or alcohol: what the person comes for (needed)",
    "stream": "how the person comes: a name from `txsim catalogue streams`",
    "distance_km": "kilometres from home to the clinic, one way",
    "use_days": "days of use in the last 30, 0 to 30",
    "detoxified": "yes or no: through withdrawal already",
    "medication": "medication wanted: a name from `txsim catalogue medications`",
    "injecting": "yes or no",
    "fentanyl": "yes or no: fentanyl in the person's supply",
    "prescription_opioids": "yes or no: mainly prescription opioids",
    "stimulant_use": "yes or no",
    "benzodiazepine_use": "yes or no",
    "unemployed": "yes or no",
    "pregnant": "yes or no",
    "family_involved": "yes or no",
    "earlier_episodes": "yes or no: treated before",
    "diagnoses": "names from `txsim catalogue diagnoses`, with | between them; none: write none",
    "barriers": "names from `txsim catalogue barriers`, with | between them; none: write none",
}
"""The columns of a roster, in the order of the template. An empty cell means: not known."""

NEEDED = ("person", "age", "sex", "substance")

EXAMPLES = (
    "p-001,34,female,opioid,self,4.5,27,no,methadone,yes,yes,no,no,no,yes,no,yes,yes,"
    "depression | ptsd,transport | money",
    "p-002,51,male,opioid,court,22,12,no,,no,no,yes,no,yes,no,no,no,,none,",
)
"""Two invented people who show how the columns are filled."""


@dataclass(frozen=True)
class RosterRow:
    """One person of a roster; None where it is not known, to be drawn from the catalogue."""

    row: int
    """Position in the roster, from 0."""
    age: float
    """Years."""
    female: bool | None
    substance: str
    """"opioid" or "alcohol"."""
    stream: str | None
    distance_km: float | None
    """Kilometres, one way."""
    use_days: float | None
    """Days of use in the last 30."""
    detoxified: bool | None
    medication: str | None
    """Medication wanted."""
    injecting: bool | None
    fentanyl: bool | None
    prescription_opioids: bool | None
    stimulant_use: bool | None
    benzodiazepine_use: bool | None
    unemployed: bool | None
    pregnant: bool | None
    family_involved: bool | None
    earlier_episodes: bool | None
    diagnoses: tuple[str, ...] | None
    barriers: tuple[str, ...] | None


def template() -> str:
    """A roster to fill in: what each column means, the header, and two invented people."""
    text = io.StringIO()
    text.write("# One row per person. Leave a cell empty when it is not known.\n")
    text.write("# Lines like this one, above the header, are not read.\n")
    for name, meaning in COLUMNS.items():
        text.write(f"# {name}: {meaning}\n")
    return text.getvalue() + "\n".join((",".join(COLUMNS), *EXAMPLES, ""))


def load_roster(path: str | Path, catalogue: Catalogue) -> list[RosterRow]:
    """The people of a roster file, checked against a catalogue.

    Raises ScenarioError, which lists the problems by line: missing or unknown columns, cells of
    the wrong type, names that the catalogue does not hold, a person named twice.
    """
    return _Reader(Path(path), catalogue).read()


class _Reader:
    """Reads one roster, collecting every problem on the way."""

    def __init__(self, path: Path, catalogue: Catalogue) -> None:
        self.path = path
        self.file = shown(path)
        self.catalogue = catalogue
        self.problems: list[Problem] = []
        self.line = 0
        self.cells: dict[str, str] = {}

    def read(self) -> list[RosterRow]:
        text = read_text(self.path, largest=LARGEST_ROSTER)
        rows: list[RosterRow] = []
        try:
            lines = self._lines(text)
            self._header(lines)
            lines_by_person: dict[str, int] = {}
            for cells in lines:
                before = len(self.problems)
                row = self._row(cells, len(rows), lines_by_person)
                if len(self.problems) == before:
                    rows.append(row)
        except csv.Error as error:
            self._wrong("", f"the line cannot be read as CSV ({error})")
        if not rows and not self.problems:
            self.line = 0
            self._wrong("", "the roster holds no people")
        if self.problems:
            raise ScenarioError(self._told())
        return rows

    def _lines(self, text: str) -> Iterator[list[str]]:
        """The rows that are not empty; `self.line` says on which line the present one begins."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        while True:
            self.line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield [cell.strip() for cell in cells]

    def _header(self, lines: Iterator[list[str]]) -> None:
        names = next((cells for cells in lines if not cells[0].startswith("#")), [])
        self.names = [name.lower() for name in names]
        missing = [name for name in NEEDED if name not in self.names]
        for name in missing:
            self._wrong(name, "this column is missing", allowed=", ".join(COLUMNS))
        for name in dict.fromkeys(self.names):
            if name not in COLUMNS:
                self._wrong(
                    name or "(no name)",
                    "there is no column of this name; take it out, txsim does not read it",
                    suggestion=nearest(name, COLUMNS),
                )
            elif self.names.count(name) > 1:
                self._wrong(name, "this column stands twice")
        if missing:
            raise ScenarioError(self._told())

    def _row(self, cells: list[str], row: int, lines_by_person: dict[str, int]) -> RosterRow:
        if len(cells) != len(self.names):
            message = f"this row has {len(cells)} cells, the header {len(self.names)}"
            self._wrong("", message)
        self.cells = dict(zip(self.names, cells, strict=False))
        person = self.cells.get("person", "")
        self._needed("person")
        if person in lines_by_person:
            self._wrong("person", f"the same person stands on line {lines_by_person[person]}")
        lines_by_person.setdefault(person, self.line)
        catalogue = self.catalogue
        self._needed("age")
        self._needed("substance")
        substance = self._choice("substance", SUBSTANCES) or ""
        medications = {
            name: entry
            for name, entry in catalogue.medications.items()
            if entry.substance == substance
        }
        return RosterRow(
            row=row,
            age=self._number("age", 12, 110) or 0.0,
            female=self._answer("sex", SEXES),
            substance=substance,
            stream=self._choice("stream", catalogue.streams),
            distance_km=self._number("distance_km", 0, 2000),
            use_days=self._number("use_days", 0, 30),
            detoxified=self._answer("detoxified"),
            medication=self._choice("medication", medications),
            injecting=self._answer("injecting"),
            fentanyl=self._answer("fentanyl"),
            prescription_opioids=self._answer("prescription_opioids"),
            stimulant_use=self._answer("stimulant_use"),
            benzodiazepine_use=self._answer("benzodiazepine_use"),
            unemployed=self._answer("unemployed"),
            pregnant=self._answer("pregnant"),
            family_involved=self._answer("family_involved"),
            earlier_episodes=self._answer("earlier_episodes"),
            diagnoses=self._choices("diagnoses", catalogue.diagnoses),
            barriers=self._choices("barriers", catalogue.barriers),
        )

    # --- cells ---------------------------------------------------------------------------------

    def _needed(self, column: str) -> None:
        if not self.cells.get(column):
            self._wrong(column, "this cell is needed")

    def _number(self, column: str, low: float, high: float) -> float | None:
        text = self.cells.get(column, "")
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            self._wrong(column, "this must be a number", shown_value(text))
            return None
        if not low <= number <= high:
            self._wrong(column, "this number is out of range", text, f"{low:g} to {high:g}")
        return number

    def _answer(self, column: str, answers: dict[str, bool] = YES_OR_NO) -> bool | None:
        text = self.cells.get(column, "").lower()
        if not text:
            return None
        if text not in answers:
            allowed = "yes, no" if answers is YES_OR_NO else "female, male"
            self._wrong(column, "this answer is not known", shown_value(text), allowed)
        return answers.get(text)

    def _choice(self, column: str, known: Iterable[str]) -> str | None:
        name = self.cells.get(column, "")
        if not name:
            return None
        return name if self._is_known(column, name, list(known)) else None

    def _choices(self, column: str, known: Iterable[str]) -> tuple[str, ...] | None:
        text = self.cells.get(column, "")
        if not text:
            return None
        if text.lower() == "none":
            return ()
        names = [part.strip() for part in text.replace(";", "|").split("|") if part.strip()]
        for name in names:
            self._is_known(column, name, list(known))
        return tuple(dict.fromkeys(names))

    def _is_known(self, column: str, name: str, known: list[str]) -> bool:
        if name in known:
            return True
        self._wrong(
            column,
            "this name is not known",
            shown_value(name),
            ", ".join(known),
            nearest(name, known),
        )
        return False

    def _wrong(
        self, column: str, message: str, got: str = "", allowed: str = "", suggestion: str = ""
    ) -> None:
        path = f"column {column}" if column else ""
        self.problems.append(Problem(self.file, self.line, path, message, got, allowed, suggestion))

    def _told(self) -> list[Problem]:
        """The problems, of which only the first hundred are told one by one."""
        more = len(self.problems) - MOST_PROBLEMS
        if more <= 0:
            return self.problems
        rest = Problem(file=self.file, message=f"and {more:,} more problems of this kind")
        return [*self.problems[:MOST_PROBLEMS], rest]


def _delimiter(text: str) -> str:
    """The sign between the cells, judged by the header."""
    lines = (line for line in text.splitlines() if line.strip(' "') and line.strip(' "')[0] != "#")
    header = next(lines, "")
    return max((",", ";", "\t"), key=header.count)
