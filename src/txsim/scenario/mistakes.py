"""Put mistakes into a planner's words, each at the place in the file where the value was set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from txsim.errors import Problem, ScenarioError
from txsim.scenario.toml_lines import Path

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PLAIN_MESSAGES = {
    "extra_forbidden": "unknown key",
    "missing": "this key is needed",
    "finite_number": "this must be a finite number",
    "float_type": "this must be a number",
    "int_type": "this must be a whole number",
    "int_from_float": "this must be a whole number",
    "bool_type": "this must be true or false",
    "string_type": "this must be text in quotation marks",
    "string_too_long": "this text is too long",
    "too_long": "this holds too much",
    "string_pattern_mismatch": "a name may not be empty, nor hold full stops or control characters",
    "time_type": "this must be a time of day",
    "dict_type": "this must be a table",
    "model_type": "this must be a table",
    "model_attributes_type": "this must be a table",
    "tuple_type": "this must be a list in square brackets",
    "literal_error": "this value is not known",
    "greater_than_equal": "this number is too small",
    "greater_than": "this number is too small",
    "less_than_equal": "this number is too large",
    "less_than": "this number is too large",
    "too_short": "this holds too little",
}
"""What pydantic calls an error, in plain words."""

MOST_TOLD = 100
"""How many mistakes are told one by one; the others are counted."""

LONGEST_SHOWN = 60
"""Characters of a value, or of a part of a path, that a message repeats."""

LONGEST_TOLD = 2_000
"""Characters of any part of a message; names that a planner made up may stand in it."""

LONG_LIST = 12
"""More names than this are not listed when the one that was meant is plain."""

BOUNDS = {
    "ge": "at least",
    "gt": "more than",
    "le": "at most",
    "lt": "less than",
    "min_length": "at least",
    "max_length": "at most",
}


@dataclass(frozen=True)
class Nearest:
    """Known names, one of which was perhaps meant; looked for only when the mistake is told."""

    name: str
    known: tuple[str, ...]
    enough: bool = False
    """Whether the list of what is allowed is left out where one is found."""

    def __str__(self) -> str:
        """The nearest name in quotation marks, or nothing."""
        return nearest(self.name, self.known)


@dataclass(frozen=True)
class Mistake:
    """One thing wrong, at a path of the scenario; where that stands is looked up later."""

    path: Path
    message: str
    got: str = ""
    allowed: str = ""
    suggestion: str | Nearest = ""


@dataclass
class Origins:
    """Which file, and which line of it, set each value of a merged scenario."""

    file: str
    """The file to name when no other is known to have set a value."""
    places: dict[Path, tuple[str, int]] = field(default_factory=dict)
    said: set[Path] = field(default_factory=set)
    """What a planner set, in files of her own or in Python; shipped scenarios are nobody's."""

    def problem(self, mistake: Mistake) -> Problem:
        """The mistake with its file and line."""
        file, line = self.place(mistake.path)
        suggestion = str(mistake.suggestion)
        enough = isinstance(mistake.suggestion, Nearest) and mistake.suggestion.enough
        return Problem(
            file=file,
            line=line,
            path=written(mistake.path),
            message=cut(mistake.message, LONGEST_TOLD),
            got=cut(mistake.got, LONGEST_TOLD),
            allowed="" if suggestion and enough else cut(mistake.allowed, LONGEST_TOLD),
            suggestion=suggestion,
        )

    def error(self, mistakes: Iterable[Mistake]) -> ScenarioError:
        """One error which reports the mistakes, file by file from top to bottom."""
        found = sorted(dict.fromkeys(mistakes), key=lambda mistake: self.place(mistake.path))
        told = list(dict.fromkeys(self.problem(mistake) for mistake in found[:MOST_TOLD]))
        if len(found) > MOST_TOLD:
            more = f"and {len(found) - MOST_TOLD:,} more mistakes"
            told.append(Problem(file=self.file, message=more))
        return ScenarioError(told)

    def place(self, path: Path) -> tuple[str, int]:
        """The file and the line, 0 where it is not known, that set the value at a path."""
        if path and path not in self.places:
            # A key that holds full stops may have been written as tables within each other.
            path = (*path[:-1], *str(path[-1]).split("."))
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]]
        return (self.file, 0)


def written(path: Path) -> str:
    """A path as it is read aloud: `medication.take_home[2].days_per_visit`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{cut(part)}" if text else cut(part)
    return text


def cut(text: str, longest: int = LONGEST_SHOWN) -> str:
    """A text of any length as a message repeats it."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def shown_value(value: object) -> str:
    """A value as it would be written in the file, cut when it is long."""
    match value:
        case bool():
            text = str(value).lower()
        case str():
            text = f'"{value[:LONGEST_SHOWN]}"'
        case int() if abs(value) >= 10**LONGEST_SHOWN:
            return "a whole number of more than 60 digits"
        case date() | time():
            text = value.isoformat()
        case Mapping():
            text = "a table"
        case list() | tuple():
            text = "a list"
        case None:
            text = "nothing"
        case _:
            text = str(value)
    return cut(text)


def nearest(name: object, known: Iterable[str]) -> str:
    """The known name spelled most like `name`, in quotation marks; nothing for what is no name."""
    if not isinstance(name, str):
        return ""
    word, names = cut(name).lower(), list(known)
    found = get_close_matches(word, names, n=1, cutoff=0.6)
    found = found or [one for one in names if len(word) > 3 and word in one]
    return shown_value(found[0]) if found else ""


def unknown(kind: str, name: object, known: Iterable[str], path: Path) -> Mistake:
    """A name that stands for nothing, or something else in its place, with those that would."""
    names = tuple(known)
    return Mistake(
        path,
        f"there is no {kind} of this name",
        got=shown_value(name),
        allowed=listed(names),
        suggestion=(
            Nearest(name, names, enough=len(names) > LONG_LIST) if isinstance(name, str) else ""
        ),
    )


def listed(names: Iterable[str]) -> str:
    """Names with commas between them; those with a space in quotation marks."""
    return ", ".join(f'"{name}"' if " " in name else name for name in names) or "none"


def from_pydantic(error: "ErrorDetails", values: object, shape: type[BaseModel]) -> Mistake:
    """The mistake a pydantic error means, found within the `values` that were given."""
    path = path_in(error["loc"], values)
    kind, context, got = error["type"], error.get("ctx", {}), error["input"]
    if kind == "extra_forbidden":
        keys = known_keys(shape, path[:-1])
        if path[:-1] == () and "extends" not in keys and "horizon" in keys:
            keys.append("extends")
        return Mistake(
            path,
            PLAIN_MESSAGES[kind],
            allowed=", ".join(keys),
            suggestion=Nearest(str(path[-1]), tuple(keys)),
        )
    allowed = " and ".join(
        f"{words} {context[bound]:,g}" for bound, words in BOUNDS.items() if bound in context
    )
    suggestion = ""
    if kind == "literal_error":
        allowed = str(context["expected"]).replace("'", '"')
        suggestion = nearest(got, allowed.replace(" or ", ", ").replace('"', "").split(", "))
    elif kind == "time_type":
        allowed = "a time such as 17:30:00, without quotation marks"
        if path[-1:] == ("closes",):
            allowed += ', or "24:00"'
    message = PLAIN_MESSAGES.get(kind, error["msg"].removeprefix("Value error, "))
    says_itself = kind == "value_error" and isinstance(got, Mapping)
    return Mistake(
        path,
        message,
        got="" if kind == "missing" or says_itself else shown_value(got),
        allowed=allowed,
        suggestion=suggestion,
    )


def path_in(location: tuple[str | int, ...], values: object) -> Path:
    """The part of an error's location that the writer of the file would recognise.

    pydantic also names the branch of a union it tried, and says "[key]" of a name that is wrong
    itself; such parts lead nowhere in the values.
    """
    path: list[str | int] = []
    here: Any = values
    for part in location:
        if isinstance(here, Mapping):
            found = part in here
        else:
            found = isinstance(here, list | tuple) and isinstance(part, int) and part < len(here)
        if found:
            path.append(part)
            here = here[part]
        elif part == location[-1] and part != "[key]" and isinstance(here, Mapping):
            path.append(part)
    return tuple(path)


def known_keys(shape: type[BaseModel], path: Path) -> list[str]:
    """The keys that the table at `path` of a model may have."""
    model: type[BaseModel] | None = shape
    for part in path:
        model = _model_below(model, part)
        if model is None:
            return []
    return [info.alias or name for name, info in (model or shape).model_fields.items()]


def _model_below(model: type[BaseModel] | None, part: str | int) -> type[BaseModel] | None:
    """The model of the table under a key; below a dictionary or a list any key leads to it."""
    if model is None:
        return None
    by_key = {info.alias or name: info for name, info in model.model_fields.items()}
    if part not in by_key:
        return model  # an item of a dictionary or a list, whose model was found a step before
    return _first_model(by_key[str(part)].annotation)


def _first_model(annotation: object) -> type[BaseModel] | None:
    """The first model named anywhere inside a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _first_model(inner)
        if found is not None:
            return found
    return None
