"""The pictures of a comparison: frames in, drawings out, and no statistics."""

from txsim.figures.curves import Row, curves_with_differences
from txsim.figures.dots import Dot, Line, Panel, dot_panels
from txsim.figures.glyph import glyph
from txsim.figures.inline import inline_svg
from txsim.figures.style import Look, looks

__all__ = [
    "Dot",
    "Line",
    "Look",
    "Panel",
    "Row",
    "curves_with_differences",
    "dot_panels",
    "glyph",
    "inline_svg",
    "looks",
]
