"""Numbers of the catalogue in words: whose they are, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txsim.catalogue.plain import field_descriptions
from txsim.catalogue.vocabulary import HAZARDS, Hazard

if TYPE_CHECKING:
    from txsim.catalogue.load import Catalogue
    from txsim.catalogue.number import Number
    from txsim.catalogue.plain import Plain

EFFECTS = {
    "targets": "effect on {}",
    "effects": "effect on {}",
    "pays_for": "effect on {} while it lasts",
    "early_effects": "further effect on {} in the first month",
    "relieves": "share of the {} barrier that it lifts",
    "raises": "rise of {} at full dose",
    "helps_find": "finding {} sooner, at full dose",
    "symptom_effects": "effect of its symptoms on {}",
    "overdose": "overdoses {}, against methadone",
}
"""Fields whose numbers carry an effect, in the order in which they are shown."""

DELIVERY = {"links": "use of {} through it", "modes": "the way it is delivered, {}"}

TABLES_OF_LABELS = (
    "mediators", "barriers", "second_substances", "services", "diagnoses", "traits", "hazards",
)  # fmt: skip

PHASES = "phases"
"""How fast people leave a medication is drawn as a whole, by one deviate."""
OF_THE_CLINIC = {
    "clinic": ("clinic_sd", "how much more or less people leave it than others"),
    "clinic use": ("clinic_use_sd", "how much more or less people use where it is"),
}
"""Deviates of one clinic: the number of the model that is their spread, and what they say."""


@dataclass(frozen=True)
class InWords:
    """A number as a reader meets it: `of` whom or what, and what it `says`."""

    of: str
    says: str
    grade: str
    """Grade of its evidence, A to D."""

    def __str__(self) -> str:
        """Both together: ``Case management: effect on dropping out``."""
        return f"{self.of}: {self.says}"


def in_words(catalogue: Catalogue, path: str, number: Number | None = None) -> InWords:
    """What a draw is asked for at a path, in words; `number` is what stands there, if anything."""
    grade = "" if number is None else number.strength
    if path in OF_THE_CLINIC:
        spread, says = OF_THE_CLINIC[path]
        return InWords("This clinic", says, catalogue.model[spread].strength)
    table, _, rest = path.partition(".")
    name, _, field = rest.partition(".")
    if table == "model":
        return InWords("The model", name.replace("_", " "), grade)
    entry = getattr(catalogue, table, {}).get(name) if table != "costs" else None
    if entry is None:
        return InWords(table.replace("_", " "), rest.replace("_", " ").replace(".", ", "), grade)
    if field == PHASES:
        grade = max(phase.dropout.strength for phase in entry.phases)
        return InWords(entry.label, "how fast people leave it", grade)
    return InWords(entry.label, said_of(catalogue, type(entry), field)[0], grade)


def said_of(catalogue: Catalogue, kind: type[Plain], path: str) -> tuple[str, int]:
    """What a number of an entry says in words, and its place among the others of the entry.

    `path` leads to it within the entry. Effects have places below 0.
    """
    field, _, rest = path.partition(".")
    if rest and field in EFFECTS:
        place = list(EFFECTS).index(field) - len(EFFECTS)
        return EFFECTS[field].format(name_of(catalogue, rest)), place
    if rest and field in DELIVERY:
        return DELIVERY[field].format(name_of(catalogue, rest)), 0
    words = field_descriptions(kind).get(field, "").split(".")[0].split(";")[0].split(" (")[0]
    words = " ".join(words.replace("`", "").split()) or field.replace("_", " ")
    if rest:
        words += f" ({rest.replace('_', ' ').replace('.', ', ')})"
    return words[:1].lower() + words[1:], 1


def name_of(catalogue: Catalogue, key: str) -> str:
    """The words for a key such as ``dropout`` or ``symptoms:depression``."""
    if key in HAZARDS:
        return Hazard.named(key).noun
    what, _, whose = key.partition(":")
    if whose:
        return f"{what} of {name_of(catalogue, whose)}"
    for table in TABLES_OF_LABELS:
        entry = getattr(catalogue, table).get(key)
        if entry is not None:
            label: str = entry.label
            return label if label[:2].isupper() else label[:1].lower() + label[1:]
    return key.replace("_", " ").replace(".", ", ")
