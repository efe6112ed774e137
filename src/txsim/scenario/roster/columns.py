"""What a roster may say: its columns, the template to fill in, and one person read from it."""

import io
from dataclasses import dataclass

COLUMNS: dict[str, str] = {
    "person": "any text that names one person; forgotten after checking (needed)",
    "age": "years, 12 to 110 (needed)",
    "sex": "female or male; empty when neither or not known (column needed)",
    "substance": "opioid or alcohol: what the person comes for (needed)",
    "stream": "how the person comes: a name from `txsim catalogue streams`",
    "distance_km": "kilometres from home to the clinic, one way, 0 to 2000",
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
"""Columns that must be there."""

KNOWN_OF_EVERYBODY = ("person", "age", "substance")
"""Columns in which no cell may be empty."""

RANGES: dict[str, tuple[float, float]] = {
    "age": (12.0, 110.0),
    "distance_km": (0.0, 2000.0),
    "use_days": (0.0, 30.0),
}
"""Columns of numbers, with the least and the most that each may hold."""

LISTS = ("diagnoses", "barriers")
"""Columns that may hold several names."""

FEWEST_TOLD = 10
"""Of a clinic's own people, figures that rest on fewer than these are withheld everywhere."""

EXAMPLES = (
    "p-001,34,female,opioid,self,4.5,27,no,methadone,yes,yes,no,no,no,yes,no,yes,yes,"
    "depression | ptsd,transport | money",
    "p-002,51,male,opioid,court,22,12,no,,no,no,yes,no,yes,no,no,no,,none,",
)
"""Two invented people who show how the columns are filled."""


@dataclass(frozen=True, slots=True, repr=False)
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

    def __repr__(self) -> str:
        """Say which row it is and nothing of the person, who might end up in a message."""
        return f"RosterRow({self.row})"


def template() -> str:
    """A roster to fill in: what each column means, the header, and two invented people."""
    text = io.StringIO()
    text.write("# One row per person. Leave a cell empty when it is not known.\n")
    text.write("# Lines like this one, above the header, are not read.\n")
    for name, meaning in COLUMNS.items():
        text.write(f"# {name}: {meaning}\n")
    return text.getvalue() + "\n".join((",".join(COLUMNS), *EXAMPLES, ""))
