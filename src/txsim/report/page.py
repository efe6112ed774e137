"""The report as one HTML page: its parts in order, and how they are put together."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

from txsim.errors import printable
from txsim.formatting import capital
from txsim.report.sections import (
    answer,
    assumptions,
    carriers,
    certainty,
    designs,
    in_detail,
    mechanism,
    options_table,
    published,
    repeat,
    retention,
    subgroups,
)
from txsim.report.view import View
from txsim.wording import Wording

if TYPE_CHECKING:
    from jinja2 import Environment

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
    certainty,
    carriers,
    published,
    assumptions,
    repeat,
)
"""The parts of the page from top to bottom."""


def html(comparison: "Comparison", locale: str | None = None) -> str:
    """Return the report on ``comparison`` as the text of one self-contained HTML page.

    The same comparison gives the same text, in a ``locale`` or in that of the first design. All
    words that come from scenarios are escaped.
    """
    from markupsafe import Markup

    view = View(comparison, locale)
    environment = environment_of(view.wording)
    questions = designs.questions(view)
    parts = [
        Markup(environment.get_template(_fragment(section)).render(view=view, **shown))
        for section in SECTIONS
        if (shown := section.show(view)) is not None
    ]
    return environment.get_template("report.html").render(
        view=view,
        title=designs.title(view),
        question=questions[0] if len(questions) == 1 else "",
        introduced=designs.introduced(view),
        parts=parts,
        style=style(),
    )


def style() -> str:
    """Return the look of every page."""
    return files("txsim.report").joinpath("report.css").read_text(encoding="utf-8")


def _fragment(section: Part) -> str:
    """Return the name of a section's fragment: the file beside it."""
    _, _, name = section.__name__.rpartition(".")
    return f"sections/{name}.html"


@lru_cache(maxsize=4)
def environment_of(wording: Wording, package: str = "txsim.report") -> "Environment":
    """Return what puts fragments together, all their words as a wording has them.

    Another ``package`` has fragments of its own beside those of reports.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
    from jinja2.ext import Extension
    from jinja2.lexer import Token, TokenStream
    from markupsafe import Markup

    class OwnWords(Extension):
        """The words of the fragments themselves."""

        def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
            for lineno, kind, value in stream:
                yield Token(lineno, kind, wording(value) if kind == "data" else value)

    def shown(value: Any) -> Any:
        """What is filled in: words with all their signs, in one line."""
        if isinstance(value, Markup) or not isinstance(value, str):
            return value
        return printable(_LINES_END.sub(" ", wording(value)))

    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader(one, ".") for one in dict.fromkeys((package, "txsim.report"))]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        extensions=[OwnWords],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capital"] = capital
    return environment
