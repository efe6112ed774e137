"""Spelling, distances and the clock of a locale, in what txsim says; a planner's words stay.

Texts are written in British English. A `Wording` turns them into those of its locale at the last
moment, so that no sentence has to know of it, and leaves alone what it is told to keep.
"""

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal, get_args

from txsim.errors import TxsimError
from txsim.formatting import capital, lower

Locale = Literal["en-GB", "en-US"]
LOCALES: tuple[Locale, ...] = get_args(Locale)
BRITISH: Locale = LOCALES[0]
KM_IN_A_MILE = 1.609344
NOON = 12

_AMOUNT = r"\d(?:[\d,.]*\d)?"
_DISTANCE = (
    rf"(?:{_AMOUNT} to )?{_AMOUNT}[ \u00a0](?:km|kilometres?)\b(?: \({_AMOUNT} to {_AMOUNT}\))?"
)
_CLOCK = r"(?<![\d:])(?:[01]\d|2[0-4]):[0-5]\d(?![\d:]| [ap]\.m\.)"


class Verbatim(str):
    """A text that is shown as it is in every locale: a command, the title of a paper."""


def known_locale(name: str) -> Locale:
    """Return the locale of this name; TxsimError with the nearest when there is none."""
    for locale in LOCALES:
        if name == locale:
            return locale
    near = get_close_matches(name.lower(), [one.lower() for one in LOCALES], n=1, cutoff=0.5)
    guess = next((one for one in LOCALES if one.lower() in near), "")
    hint = f"; did you mean {guess!r}?" if guess else ""
    raise TxsimError(f"unknown locale {name!r}{hint} (allowed: {', '.join(LOCALES)})")


@dataclass(frozen=True)
class Wording:
    """Turns our British texts into those of a locale, but for the words that are kept."""

    locale: Locale = BRITISH
    kept: frozenset[str] = frozenset()
    """What a planner wrote, and names: never spelled otherwise, wherever they stand."""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        ours = _american()
        shapes = {shape for text in self.kept if ours.search(text) for shape in _shapes(text)}
        longest_first = sorted(shapes, key=lambda shape: (-len(shape), shape))
        kept = "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in longest_first)
        return re.compile(rf"(?P<kept>(?<!\w)(?:{kept})(?!\w))|{ours.pattern}") if kept else ours

    def __call__(self, text: str) -> str:
        """Return a text as this locale has it."""
        if self.locale == BRITISH or isinstance(text, Verbatim):
            return text
        return self._pattern.sub(_rewritten, text)


AS_WRITTEN = Wording()


def _shapes(text: str) -> set[str]:
    """Return what a text looks like at the beginning of a sentence and inside one."""
    words = " ".join(text.split())
    return {words, capital(words), lower(words), words.lower()} - {""}


@cache
def _spelling() -> dict[str, str]:
    text = files("txsim").joinpath("us_spelling.toml").read_text(encoding="utf-8")
    return {word: str(american) for word, american in tomllib.loads(text)["words"].items()}


@cache
def _american() -> re.Pattern[str]:
    """Return the pattern of all that is written otherwise in the US; keys and paths are not."""
    words = "|".join(sorted(_spelling(), key=lambda word: (-len(word), word)))
    any_case = rf"(?<![\w./])(?i:{words})(?!\w|[./]\w)"
    return re.compile(rf"(?P<km>{_DISTANCE})|(?P<clock>{_CLOCK})|(?P<word>{any_case})")


def _rewritten(found: re.Match[str]) -> str:
    text = found[0]
    match found.lastgroup:
        case "word":
            american = _spelling()[text.lower()]
            return capital(american) if text[0].isupper() else american
        case "km":
            figures = re.sub(_AMOUNT, lambda amount: _in_miles(amount[0]), text)
            unit = "mile" if re.match(r"1[ \u00a0]k", figures) else "miles"
            return re.sub(r"km|kilometres?", unit, figures)
        case "clock":
            return _on_twelve_hours(text)
        case _:
            return text


def _in_miles(kilometres: str) -> str:
    miles = float(kilometres.replace(",", "")) / KM_IN_A_MILE
    return f"{round(miles, 0 if miles >= 10 else 1):,g}"


def _on_twelve_hours(clock: str) -> str:
    hour, minutes = int(clock[:2]), clock[3:]
    if clock in ("00:00", "24:00"):
        return "midnight"
    return f"{(hour - 1) % NOON + 1}:{minutes} {'p.m.' if hour >= NOON else 'a.m.'}"
