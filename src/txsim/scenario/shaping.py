"""Fit values to their tables, leaving out what cannot stand, so that all mistakes are told."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from txsim.scenario.mistakes import Mistake, from_pydantic
from txsim.scenario.positions import Path

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
        mistakes += new
        removed = [
            _removed(values, path)
            for path in sorted({mistake.path for mistake in new}, key=_order, reverse=True)
        ]
        if not any(removed):
            return None, mistakes


def _about_a_key(mistake: Mistake, kind: type[BaseModel]) -> Mistake:
    """A mistake of a whole block that reads "seats: ..." is about the key `seats`."""
    key, colon, message = mistake.message.partition(": ")
    if colon and not mistake.path and key in kind.model_fields:
        return Mistake((key,), message)
    return mistake


def _removed(values: dict[str, Any], path: Path) -> bool:
    """Take out what stands at the path, so that the rest can be checked; False if it cannot be."""
    if path and path[0] in GO_TOGETHER:
        found = [values.pop(key) for key in GO_TOGETHER[str(path[0])] if key in values]
        return bool(found)
    if path == ("seats",) and "seats" not in values:
        values["seats"] = 1
        return True
    return bool(path) and _dropped(values, path)


def _dropped(values: Any, path: Path) -> bool:
    """Delete at the path; where a needed key is missing, the table around it."""
    here: Any = values
    for part in path[:-1]:
        here = here[part]
    key: Any = path[-1]
    if isinstance(here, list) or (isinstance(here, dict) and key in here):
        del here[key]
        return True
    return len(path) > 1 and _dropped(values, path[:-1])


def _order(path: Path) -> tuple[tuple[str, int], ...]:
    """So that later items of a list come out before earlier ones move up."""
    return tuple(("", part) if isinstance(part, int) else (part, 0) for part in path)
