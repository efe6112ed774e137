"""The report as one HTML page: its parts in order, and how they are put together."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

from txsim.errors import printable
from txsim.formatting import capital
from txsim.report.sections import (
    answer,
    assumptions,
    designs,
    in_detail,
    mechanism,
    options_table,
    repeat,
    retention,
    subgroups,
)
from txsim.report.view import View

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from txsim.compare import Comparison

_LINES_END = re.compile(r"[\t\r\n]+")


class Part(Protocol):
    """A part of the page: a module of `sections` with the fragment of its name beside it."""

    __name__: str

    def show(self, view: View) -> Mapping[str, object] | None:
        """Return what its fragment needs, or ``None`` where there is nothing to show."""


SECTIONS: tuple[Part, ...] = (
    answer,
    designs,
    retention,
    options_table,
    in_detail,
    subgroups,
    mechanism,
    assumptions,
    repeat,
)
"""The parts of the page from top to bottom."""


def html(comparison: "Comparison") -> str:
    """Return the report on ``comparison`` as the text of one self-contained HTML page.

    The same comparison gives the same text. All words that come from scenarios are escaped.
    """
    from markupsafe import Markup

    view = View(comparison)
    questions = designs.questions(view)
    parts = [
        Markup(_fragment(section).render(view=view, **shown))
        for section in SECTIONS
        if (shown := section.show(view)) is not None
    ]
    return (
        _environment()
        .get_template("report.html")
        .render(
            view=view,
            title=designs.title(view),
            question=questions[0] if len(questions) == 1 else "",
            introduced=designs.introduced(view),
            parts=parts,
            style=files("txsim.report").joinpath("report.css").read_text(encoding="utf-8"),
        )
    )


def _fragment(section: Part) -> "Template":
    """Return the fragment of a section: the file beside it."""
    _, _, name = section.__name__.rpartition(".")
    return _environment().get_template(f"sections/{name}.html")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("txsim.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capital"] = capital
    return environment


def _shown(value: Any) -> Any:
    """What stands between marks of the page: words with all their signs, in one line."""
    from markupsafe import Markup

    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(_LINES_END.sub(" ", value))
