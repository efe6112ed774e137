"""Read the cells that hold an answer or names, in any case and with any sign between words."""

import re
from collections.abc import Iterable, Mapping

from txsim.scenario.mistakes import listed, nearest
from txsim.scenario.roster.mistakes import EMPTY_WHEN_NOT_KNOWN, Fault

NOT_KNOWN = frozenset(
    {
        *("na", "n/a", "n.a.", "#n/a", "nan", "null", "#null!", "nil", ".", ".a", ".m", "-", "--"),
        *("u", "un", "unk", "ukn", "unknown", "not_known", "x", "xx", "?", "??", "..", "..."),
        *("missing", "not_available", "not_recorded", "not_stated", "unspecified"),
        *("not_applicable", "refused", "declined"),
    }
)
"""How programs and people write what they do not know, in small letters."""

YES_OR_NO: dict[str, bool] = {
    **dict.fromkeys(("yes", "y", "true", "t", "1", "1.0", "1,0"), True),
    **dict.fromkeys(("no", "n", "false", "f", "0", "0.0", "0,0"), False),
}
SEXES = {"female": True, "f": True, "male": False, "m": False}

LONGEST_NAME = 60
"""Letters; no name is longer, and a longer cell is not searched for one."""

MOST_SEARCHED = 100
"""So many wrong cells of a column are compared with the names that could have been meant."""

BETWEEN_WORDS = re.compile(r"[\s_-]+")


def spelling(text: str) -> str:
    """What is the same in all ways of writing a name: small letters, nothing between words."""
    return BETWEEN_WORDS.sub("", text.casefold())


def is_not_known(cell: str) -> bool:
    """Whether a cell says in words or signs that something is not known."""
    return len(cell) <= LONGEST_NAME and re.sub(r"[\s_]+", "_", cell.casefold()) in NOT_KNOWN


class AnswerReader:
    """Reads yes or no, or the sex."""

    def __init__(self, answers: Mapping[str, bool], message: str, allowed: str) -> None:
        """Read `answers`; `message` is told when there is another."""
        self.answers = answers
        self.fault = Fault(message, allowed=allowed)

    def __call__(self, cell: str) -> bool | Fault:
        """The answer, or what is wrong with the cell."""
        found = self.answers.get(cell.casefold())
        return self.fault if found is None else found


YES_OR_NO_READER = AnswerReader(
    YES_OR_NO, f"this must be yes or no; {EMPTY_WHEN_NOT_KNOWN}", "yes, no"
)
SEX_READER = AnswerReader(
    SEXES,
    "this must be female or male; leave the cell empty when it is neither or not known",
    "female, male",
)


class NameReader:
    """Reads one name of the catalogue."""

    def __init__(
        self,
        names: Iterable[str],
        labels: Mapping[str, str] | None = None,
        *,
        not_known: str = EMPTY_WHEN_NOT_KNOWN,
        allowed: str = "",
        message: str = "this name is not known",
    ) -> None:
        """Read `names`, or their labels where those are not the spelling of another name.

        `not_known` says what to do when the name is not known; `allowed` tells the names in
        another way than as a list, `message` is for another name.
        """
        self.names = list(names)
        self.message = message
        self.allowed = allowed or listed(self.names)
        self.not_known = Fault(not_known, allowed=self.allowed)
        self._by_spelling = _unambiguous(((spelling(name), name) for name in self.names), {})
        by_label = ((spelling(label), name) for name, label in (labels or {}).items())
        self._by_spelling = _unambiguous(by_label, self._by_spelling)
        self._searched = 0

    def __call__(self, cell: str) -> str | Fault:
        """The name as the catalogue writes it, or what is wrong with the cell."""
        if cell in self.names:
            return cell
        if len(cell) <= LONGEST_NAME:
            found = self._by_spelling.get(spelling(cell))
            if found is not None:
                return found
        if is_not_known(cell):
            return self.not_known
        return Fault(self.message, allowed=self.allowed, suggestion=self._suggestion(cell))

    def _suggestion(self, cell: str) -> str:
        self._searched += 1
        if len(cell) > LONGEST_NAME or self._searched > MOST_SEARCHED:
            return ""
        return nearest(cell, self.names)


class NamesReader:
    """Reads several names of the catalogue with | between them."""

    def __init__(self, one: NameReader) -> None:
        """Read names as `one` reads them."""
        self.one = one

    def __call__(self, cell: str) -> tuple[str, ...] | Fault:
        """The names, none for the word none, or what is wrong with the first that is wrong."""
        if cell.casefold() == "none":
            return ()
        names: dict[str, None] = {}
        for part in cell.replace(";", "|").split("|"):
            if not part.strip():
                continue
            name = self.one(part.strip())
            if isinstance(name, Fault):
                return name
            names[name] = None
        return tuple(names) or Fault(self.one.message, allowed=self.one.allowed)


def _unambiguous(found: Iterable[tuple[str, str]], known: Mapping[str, str]) -> dict[str, str]:
    """The names by their spelling, without spellings that two names share."""
    names: dict[str, set[str]] = {}
    for text, name in found:
        names.setdefault(text, set()).add(name)
    alone = {text: names.pop() for text, names in names.items() if len(names) == 1}
    alone.pop("", None)
    return alone | dict(known)
