"""The whole story of one patient: who it is, the life or both lives, and their totals."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from txsim.catalogue.vocabulary import SUBSTANCES
from txsim.compare.naming import wording_of
from txsim.errors import TxsimError, printable
from txsim.explain.reasons import refuse_roster
from txsim.formatting import capital, counted, listed, lower
from txsim.parameters.draw import DrawSource
from txsim.parameters.draw_source import source_of
from txsim.state.calendar import used
from txsim.state.events import Kind, Status, in_care
from txsim.story.divergence import Parting, partings_of, separation_day
from txsim.story.telling import Spell, spells
from txsim.story.trajectory import Life, lives_of
from txsim.wording import AS_WRITTEN, Wording

if TYPE_CHECKING:
    from txsim.scenario import Scenario

WIDTH = 100
SHOWN_TRAITS = ("injecting", "fentanyl", "stimulant_use", "benzodiazepine_use", "pregnant")


@dataclass(frozen=True, repr=False)
class Story:
    """One patient's life under a design, or under two with the same random numbers.

    `summary()` tells it, `to_dict()` holds the same for scripts. `partings` are the day on which
    two lives part and, if later, that on which they are first in different places; none when both
    are the same, or there is one.
    """

    patient: int
    of: int
    """How many there are, of those counted or of those known before day 0."""
    replication: int
    seed: int
    lives: tuple[Life, ...]
    partings: tuple[Parting, ...]
    known_before: bool = False
    """Whether the patient is one of those whom the clinic knew before day 0."""
    wording: Wording = AS_WRITTEN
    """How its words are spelled, and distances told."""

    def summary(self) -> str:
        """The story in plain words, for a terminal."""
        lines = [*self._opening(), "", *self._told(), *self._comparison()]
        return "\n".join(map(printable, lines))

    def to_dict(self) -> dict[str, Any]:
        """Who it is, every spell and line of each life, where they part, and the sums."""
        told = {
            "patient": self.patient,
            "of": self.of,
            "known_before": self.known_before,
            "replication": self.replication,
            "seed": self.seed,
            "who": who(self.lives[0]),
            "lives": [
                {
                    "design": life.name,
                    "first_day": life.start,
                    "last_day": life.end - 1,
                    "spells": [_as_dict(one) for one in spells(life, life.start, life.end)],
                    "sums": sums(life),
                }
                for life in self.lives
            ],
            "partings": [asdict(one) for one in self.partings],
        }
        return {key: _spelled(value, self.wording) for key, value in told.items()}

    def __repr__(self) -> str:
        designs = " against ".join(life.name for life in self.lives)
        parting = f", parting on day {self.partings[0].day}" if self.partings else ""
        return f"Story(patient {self.patient} of {self.of}, {designs}{parting})"

    def _opening(self) -> list[str]:
        whom = "whom the clinic knew before day 0" if self.known_before else "who ask"
        told = f"Patient {self.patient} of {self.of} {whom}: {in_words(who(self.lives[0]))}"
        return wrapped(self.wording(told), "")

    def _told(self) -> list[str]:
        first = self.lives[0]
        if len(self.lives) == 1:
            return self._part(first, first.start, first.name)
        names = listed([life.name for life in self.lives])
        if not self.partings:
            same = f"Both lives are the same, day for day ({names})."
            return self._part(first, first.start, same)
        parting, *later = self.partings
        told = []
        if parting.day > first.start:
            told.append(f"Until day {parting.day} both lives are the same ({names}).")
            told += [*self._lines(spells(first, first.start, parting.day)), ""]
        told += self._parted(parting, f"On day {parting.day} they part.")
        for one in later:
            told += self._parted(
                one, f"On day {one.day} they are in different places for the first time."
            )
        if separation_day(*self.lives) is None:
            told.append("On every evening both are in the same place.")
        for life in self.lives:
            told += ["", *self._part(life, parting.day, f"{life.name}, from day {parting.day} on")]
        return told

    def _parted(self, parting: Parting, heading: str) -> list[str]:
        told = [heading]
        for life, words in zip(self.lives, parting.days, strict=True):
            told += wrapped(self.wording(f"Under {life.name}: {words}."), "  ", "    ")
        return told + wrapped(self.wording(parting.because), "  ", "    ")

    def _part(self, life: Life, first: int, heading: str) -> list[str]:
        return [heading, *self._lines(spells(life, first, life.end)), ending(life)]

    def _lines(self, told: list[Spell]) -> list[str]:
        lines = []
        for spell in (one for one in told if one.lines):
            lines.append(f"  {spell.title}")
            width = max(len(line.when) for line in spell.lines)
            for line in spell.lines:
                when, text = f"    {line.when.ljust(width)}  ", self.wording(line.text)
                lines += wrapped(text, when, " " * len(when))
        return lines

    def _comparison(self) -> list[str]:
        columns = [sums(life) for life in self.lives]
        heads = [life.name for life in self.lives] if len(columns) > 1 else [""]
        rows = [["In all", *heads]]
        rows += [
            [f"  {key.replace('_', ' ')}", *(_said(one[key]) for one in columns)]
            for key in columns[0]
        ]
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
        table = []
        for first, *cells in rows:
            shown = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
            table.append("  ".join([first.ljust(widths[0]), *shown]).rstrip())
        return ["", *table]


def story(
    scenario: Scenario,
    patient: int,
    *,
    against: Scenario | None = None,
    known_before: bool = False,
    replication: int = 0,
    seed: int = 1,
    uncertainty: bool = False,
    draws: DrawSource | None = None,
    locale: str | None = None,
) -> Story:
    """One patient's life, and with `against` the same person's under that design.

    Patients are those counted, numbered from 1 in the order in which they first ask, or with
    `known_before` those whom the clinic knew before day 0, as in `explain`. Numbers are central
    values, or with `uncertainty` those drawn for the replication, from `draws` where they are
    given. It is told in a `locale`, or in that of the first design. Raises TxsimError when there is
    no such patient or locale, for people who come from a roster, and for designs that are asked by
    others.
    """
    designs = [scenario] if against is None else [scenario, against]
    wording = wording_of(designs, locale)
    for design in designs:
        refuse_roster(design)
    if against is not None:
        refuse_other_people(scenario, against, known_before)
    luck = source_of(uncertainty, draws).luck(seed, replication)
    lives, count = lives_of(designs, patient, luck, known_before)
    partings = partings_of(lives[0], lives[1], luck) if len(lives) > 1 else []
    whose = (patient, count, replication, seed, tuple(lives), tuple(partings), known_before)
    return Story(*whose, wording)


def refuse_other_people(one: Scenario, other: Scenario, known_before: bool) -> None:
    """Raise TxsimError where nobody is the same person under both designs."""
    from txsim.compare.who_asks import ONE_BY_ONE, Asking

    asking = Asking([one, other])
    if known_before:
        differs = [] if asking.same_opening(0, 1) else ["the opening of the clinic"]
    else:
        differs = [words for words in asking.differing(0, 1) if words not in ONE_BY_ONE]
    if differs:
        raise TxsimError(
            f"nobody is the same person under {one.name} and {other.name}: {listed(differs)} "
            f"{'differs' if len(differs) == 1 else 'differ'}; tell each life by itself"
        )


def who(life: Life) -> dict[str, Any]:
    """Who the person is, in the words of the catalogue."""
    record, catalogue = life.record, life.design.catalogue
    medications = list(catalogue.medications.values())
    given = int(record["first_medication"])
    return {
        "age": int(record["age"]),
        "sex": "woman" if record["female"] else "man",
        "substance": SUBSTANCES[record["substance"]],
        "traits": [catalogue.traits[name].label for name in SHOWN_TRAITS if record[name]],
        "diagnoses": [catalogue.diagnoses[name].label for name in life.diagnoses],
        "barriers": [catalogue.barriers[name].label for name in life.barriers],
        "distance_km": round(float(record["distance_km"]), 1),
        "came": list(catalogue.streams.values())[record["stream"]].label,
        "medication": medications[given].label if given >= 0 else None,
    }


def in_words(person: dict[str, Any]) -> str:
    """Who the person is, in a few sentences."""
    uses = "uses opioids" if person["substance"] == "opioid" else "drinks"
    traits = [uses, *(lower(one) for one in person["traits"])]
    told = [f"a {person['sex']} of {person['age']} who {listed(traits)}."]
    if person["diagnoses"]:
        told.append(f"{capital(listed([lower(one) for one in person['diagnoses']]))}.")
    if person["barriers"]:
        told.append(f"Barriers: {listed([lower(one) for one in person['barriers']])}.")
    told.append(f"Lives {person['distance_km']:g} km away. Came: {lower(person['came'])}.")
    medication = person["medication"]
    told.append(f"Medication: {lower(medication)}." if medication else "Never admitted.")
    return " ".join(told)


def sums(life: Life) -> dict[str, Any]:
    """Totals of a life, from the day of asking to the end of follow-up."""
    days = range(life.start, life.end)
    due, kept = life.visits[life.start : life.end].sum(axis=0)
    died = int(life.record["died_day"])
    dead = life.start <= died < life.end
    overdoses = sum(1 for one in life.happenings if one.kind == Kind.OVERDOSE)
    return {
        "days_followed": len(days),
        "days_in_care": sum(1 for day in days if in_care(life.status(day))),
        "days_of_use": life.days(used, life.start, life.end),
        "visits_kept": int(kept),
        "visits_booked": int(due),
        "overdoses": overdoses,
        "alive": not dead,
    }


def ending(life: Life) -> str:
    """How the story ends: the last day that is followed, and where the person stands."""
    status = Status(life.status(life.end - 1))
    if status == Status.DIED:
        return "  The story ends here."
    where = status.name.lower().replace("_", " ")
    followed = counted(life.end - life.start, "day")
    return f"  Day {life.end - 1}. The story ends after {followed}: {where}."


def wrapped(text: str, indent: str, further: str = "") -> list[str]:
    """A text in lines that a terminal shows whole."""
    return wrap(text, WIDTH, initial_indent=indent, subsequent_indent=further or indent)


def _spelled(value: Any, wording: Wording) -> Any:
    """What is told, with all texts in it as a wording has them; figures and keys stay."""
    if isinstance(value, dict):
        return {key: _spelled(one, wording) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_spelled(one, wording) for one in value)
    return wording(value) if isinstance(value, str) else value


def _said(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _as_dict(spell: Spell) -> dict[str, Any]:
    return {
        "place": spell.title,
        "first_day": spell.first,
        "last_day": spell.last,
        "lines": [
            {"first_day": one.first, "last_day": one.last, "text": one.text} for one in spell.lines
        ],
    }
