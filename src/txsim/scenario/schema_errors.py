"""Fit values to their tables, leaving out what cannot stand, so that all mistakes are told."""

import copy
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from txsim.scenario.mistakes import PLAIN_MESSAGES, Mistake, from_pydantic
from txsim.scenario.toml_lines import Path

Shape = TypeVar("Shape", bound=BaseModel)

GO_TOGETHER = {
    "through": ("through", "targets"),
    "targets": ("through", "targets"),
    "mode": ("mode", "modes"),
}
"""Keys of a block that make sense only together: a mistake in one takes the others out too."""


def shaped(
    kind: type[BaseModel], values: dict[str, Any], fit: Callable[[dict[str, Any]], Shape]
) -> tuple[Shape | None, list[Mistake]]:
    """What `fit` makes of the values, and the mistakes that had to be left out for it.

    `values` loses what is wrong in it. None when nothing can be made of the rest.
    """
    mistakes: list[Mistake] = []
    while True:
        try:
            return fit(values), mistakes
        except ValidationError as error:
            found = [
                _about_a_key(from_pydantic(one, values, kind), kind)
                for one in error.errors(include_url=False)
            ]
        new = [mistake for mistake in found if mistake not in mistakes]
        mistakes += [mistake for mistake in new if not _is_left_open(mistake, mistakes)]
        if not _take_out(values, [mistake.path for mistake in new]):
            return None, mistakes


def _is_left_open(mistake: Mistake, told: list[Mistake]) -> bool:
    """Whether something is missing only because it was wrong, and is left out since."""
    lacks = (PLAIN_MESSAGES["missing"], PLAIN_MESSAGES["too_short"])
    length = len(mistake.path)
    return mistake.message in lacks and any(one.path[:length] == mistake.path for one in told)


def _about_a_key(mistake: Mistake, kind: type[BaseModel]) -> Mistake:
    """A mistake of a whole block that reads "seats: ..." is about the key `seats`."""
    key, colon, message = mistake.message.partition(": ")
    if colon and not mistake.path and key in kind.model_fields:
        return Mistake((key,), message)
    return mistake


def _take_out(values: dict[str, Any], paths: list[Path]) -> bool:
    """Take out what stands at the paths, so that the rest can be checked; False if nothing did."""
    wanted: set[Path] = set()
    for path in paths:
        together = GO_TOGETHER.get(str(path[0])) if path else None
        wanted |= {(key,) for key in together} if together else {path}
    before = copy.deepcopy(values)
    if ("seats",) in wanted and "seats" not in values:
        values["seats"] = 1  # a group without seats: assume one, so that the rest can be checked
        wanted.remove(("seats",))
    targets = {_present(before, path) for path in wanted}
    for path in sorted(targets - {()}, key=_order, reverse=True):
        here: Any = values
        for part in path[:-1]:
            here = here[part]
        del here[path[-1]]
    return values != before


def _present(values: Any, path: Path) -> Path:
    """The path, or where a needed key is missing at its end, that of the table around it."""
    here: Any = values
    for length, part in enumerate(path):
        keys = (
            here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        )
        if part not in keys:
            return path[:length]
        here = here[part]
    return path


def _order(path: Path) -> tuple[tuple[str, int], ...]:
    """So that later items of a list come out before earlier ones move up."""
    return tuple(("", part) if isinstance(part, int) else (part, 0) for part in path)
