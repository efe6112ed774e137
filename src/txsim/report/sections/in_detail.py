"""In more detail: the parts that are one picture each, under headings of their own."""

from collections.abc import Mapping

from txsim.report.sections import access, exits, money, regular_use, staff
from txsim.report.view import View

FIGURES = (regular_use, access, exits, staff, money)
"""The pictures in the order of the page; each `show` returns a heading and a picture."""


def show(view: View) -> Mapping[str, object]:
    """Return the pictures there are, each with its heading."""
    figures = [figure.show(view) for figure in FIGURES]
    return {"figures": [(heading, picture) for heading, picture in figures if picture]}
