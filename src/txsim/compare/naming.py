"""What a design is called wherever people read of it, and how a label stands in a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from txsim.errors import printable
from txsim.formatting import capital, listed
from txsim.scenario.own_words import own_words
from txsim.wording import Wording, known_locale

if TYPE_CHECKING:
    from txsim.scenario import Scenario

_JOINT = re.compile(r"(?<=[^\W_])[-_](?=[^\W_])")
"""A sign that joins two words; at the beginning or the end of a name it stands for itself."""

_DRAWN_LIKE = str.maketrans(
    "асеһіјӏорѕухԁԛԝАВСЕНІЈКМОРЅТУХαιονρυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧıℓ‐‑‒–—−",
    "acehijlopsyxdqwABCEHIJKMOPSTYXaiovpuxABEZHIKMNOPTYXil------",
)
"""Cyrillic and Greek letters, and dashes, that are drawn as Latin letters and the hyphen are."""

_SPOKEN_WITH_A = re.compile(r"eu|ewe|one\b|once\b|ubiq|uni(?=[cfoqtv])|us[aeu]|ut[eio]|ufo", re.I)
_SPOKEN_WITH_AN = re.compile(r"[aeiou]|hono|hour|heir|honest|8|11\b|18\b", re.I)
_LETTER_BY_LETTER = re.compile(r"[A-Z]{2,}\b|[A-Z]\b")


def label(scenario: Scenario) -> str:
    """Return the design's name as a reader meets it: ``case-management`` is Case management.

    Beside other designs it may be called otherwise: see `labels`.
    """
    return capital(printable(_JOINT.sub(" ", scenario.name))) or "Unnamed"


def labels(designs: Sequence[Scenario]) -> dict[str, str]:
    """Return what each design is called beside the others, by its name: never two alike.

    Designs whose labels a reader could take for one another are called by their names as they are,
    and those whose names look alike get a number, the place of the design among all.
    """
    called = {design.name: label(design) for design in designs}
    called = _distinguished(
        called, _without_case, lambda name, shown: printable(name).strip() or shown
    )
    places = {design.name: place for place, design in enumerate(designs, 1)}
    called = _distinguished(called, _look, lambda name, shown: f"{shown} ({places[name]})")
    if len({_look(shown) for shown in called.values()}) < len(called):
        called = {name: f"{shown} ({places[name]})" for name, shown in called.items()}
    return called


def _distinguished(
    called: Mapping[str, str], look: Callable[[str], str], other: Callable[[str, str], str]
) -> dict[str, str]:
    """The labels, with another one where several have the same look."""
    several = Counter(map(look, called.values()))
    return {
        name: other(name, shown) if several[look(shown)] > 1 else shown
        for name, shown in called.items()
    }


def _look(text: str) -> str:
    """What is seen of a text: blanks and marks without a shape of their own do not count."""
    plain = unicodedata.normalize("NFKC", text).translate(_DRAWN_LIKE)
    return " ".join("".join(one for one in plain if unicodedata.category(one) != "Cf").split())


def _without_case(text: str) -> str:
    return _look(text).casefold()


def wording_of(designs: Sequence[Scenario], locale: str | None = None) -> Wording:
    """Return how texts on these designs are written: in a locale, or as the first design says.

    Names and labels, and whatever a planner wrote, are kept as they are. Raises TxsimError for a
    locale that does not exist.
    """
    chosen = designs[0].report.locale if locale is None else known_locale(locale)
    kept = {*labels(designs).values()}
    for design in designs:
        kept |= {design.name, *own_words(design)}
        # a case mix is named as scenario files name it
        kept |= {f'"{mix}"' for mix in design.catalogue.mixes}
    return Wording(chosen, frozenset(kept))


def told_of(found: Sequence[tuple[Scenario, str]], designs: Sequence[Scenario]) -> list[str]:
    """Return what was found of designs as sentences, each beginning with those it is true of.

    What is true of several designs is said once; of one design alone its name is left out.
    """
    called = labels(designs)
    whose: dict[str, list[str]] = {}
    for design, words in found:
        whose.setdefault(words, []).append(called[design.name])
    return [
        f"{capital(words)}."
        if len(designs) == 1
        else f"{'All designs' if len(names) == len(designs) else listed(names)}: {words}."
        for words, names in whose.items()
    ]


def with_article(words: str) -> str:
    """Return words with ``a`` or ``an`` in front, as they are spoken: an hour, a unit, an RN."""
    if _LETTER_BY_LETTER.match(words):
        spoken = words[0] in "AEFHILMNORSX"
    else:
        spoken = bool(_SPOKEN_WITH_AN.match(words)) and not _SPOKEN_WITH_A.match(words)
    return f"{'an' if spoken else 'a'} {words}"
