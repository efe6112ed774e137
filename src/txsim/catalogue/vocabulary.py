"""The closed lists of names that the clinic's rules know.

Everything else (services, diagnoses, barriers, roles, mediators beyond the required ones) is open:
it is data, and its name is its identity.
"""

from __future__ import annotations

from enum import IntEnum


class Hazard(IntEnum):
    """What can happen to a person on a day; the numbers are positions in compiled tables."""

    ATTENDANCE = 0
    ENTRY = 1
    USE = 2
    FATALITY = 3
    DROPOUT = 4
    REGULAR_USE_BEGINS = 5
    REGULAR_USE_ENDS = 6
    OVERDOSE = 7
    OTHER_DEATH = 8
    SUICIDE = 9
    JAIL = 10
    COMPLETION = 11
    TRANSFER = 12
    RETURN_TO_CARE = 13
    WALK_AWAY = 14

    @property
    def word(self) -> str:
        """The name as it is written in TOML files."""
        return self.name.lower()

    @property
    def is_log_odds(self) -> bool:
        """Whether effects act on log odds (otherwise on a log rate)."""
        return self <= Hazard.FATALITY

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
