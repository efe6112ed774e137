"""The closed lists of names that the clinic's rules know.

Everything else (services, diagnoses, barriers, roles, mediators beyond the required ones) is open:
it is data, and its name is its identity.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class Hazard(IntEnum):
    """What can happen to a person on a day: its position in compiled tables, and its noun."""

    ATTENDANCE = 0, "keeping a booked session"
    ENTRY = 1, "coming to the intake appointment"
    USE = 2, "use on a day"
    FATALITY = 3, "dying of an overdose"
    DROPOUT = 4, "dropping out"
    REGULAR_USE_BEGINS = 5, "going back to regular use"
    REGULAR_USE_ENDS = 6, "leaving regular use"
    OVERDOSE = 7, "overdose"
    OTHER_DEATH = 8, "dying of another cause"
    SUICIDE = 9, "suicide"
    JAIL = 10, "going to jail"
    COMPLETION = 11, "completing treatment"
    TRANSFER = 12, "moving to another clinic"
    RETURN_TO_CARE = 13, "asking for treatment again"
    WALK_AWAY = 14, "giving up the wait"
    SECOND_USE = 15, "use of the second substance on a day"

    noun: str

    def __new__(cls, position: int, noun: str) -> Self:
        """A position that has a noun."""
        hazard = int.__new__(cls, position)
        hazard._value_ = position
        hazard.noun = noun
        return hazard

    @property
    def word(self) -> str:
        """The name as it is written in TOML files."""
        return self.name.lower()

    @property
    def is_log_odds(self) -> bool:
        """Whether effects act on log odds (otherwise on a log rate)."""
        return self <= Hazard.FATALITY or self == Hazard.SECOND_USE

    @classmethod
    def named(cls, word: str) -> Hazard:
        """Hazard written `word` in TOML; raises KeyError when there is none."""
        return cls[word.upper()]


HAZARDS: tuple[str, ...] = tuple(hazard.word for hazard in Hazard)
"""Hazards as written in TOML, in the order of the enum."""

LOG_ODDS_HAZARDS: tuple[str, ...] = tuple(h.word for h in Hazard if h.is_log_odds)
RATE_HAZARDS: tuple[str, ...] = tuple(h.word for h in Hazard if not h.is_log_odds)

MEDIATORS: tuple[str, ...] = (
    "readiness",
    "coping_skill",
    "alliance",
    "social_support",
    "craving",
    "recent_use",
    "missed_visits",
    "visit_burden",
    "rupture",
    "company",
)
"""Mediators that every catalogue holds, since rules know them by name; it may hold more."""

TRAITS: tuple[str, ...] = (
    "under_25",
    "female",
    "stimulant_use",
    "benzodiazepine_use",
    "injecting",
    "fentanyl",
    "prescription_opioids",
    "severity",
    "frailty",
    "unemployed",
    "pregnant",
    "family_involved",
    "earlier_episodes",
    "far_from_clinic",
    "court",
    "jail_release",
    "low_dose",
)
"""Traits of a person at intake, all of them and no others."""

CONTINUOUS_TRAITS: tuple[str, ...] = ("severity", "frailty")
"""Traits that are standard normal among people instead of yes or no."""

SUBSTANCES: tuple[str, ...] = ("opioid", "alcohol")
FACTORS: tuple[str, ...] = ("internalising", "externalising", "thought")
"""Latent factors through which diagnoses and barriers go together."""

SYMPTOMS = "symptoms:"
"""Prefix of a channel or target that is the symptom level of one diagnosis."""


def nearest(word: str, known: tuple[str, ...] | list[str]) -> str:
    """Known name closest to `word`, or an empty text when nothing is close."""
    from difflib import get_close_matches

    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else ""


def unknown_name(kind: str, word: str, known: tuple[str, ...] | list[str]) -> str:
    """Message for a name that is not in a closed list, with the nearest one."""
    guess = nearest(word, known)
    hint = f"; did you mean {guess!r}?" if guess else ""
    return f"unknown {kind} {word!r}{hint} (allowed: {', '.join(known)})"
