"""A drawn figure as a piece of SVG that can stand inside an HTML page.

Matplotlib writes a whole document: namespaces, a style rule that would reach the page around it,
identifiers that repeat from figure to figure. Here that is reduced to one ``svg`` element with its
own identifiers, the page's typeface, two decimals, and a title and description for people who
listen to the page. The same figure gives the same bytes.
"""

import io
import re
import warnings
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from txsim.errors import printable
from txsim.wording import AS_WRITTEN, Wording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ELLIPSIS = "\u2026"
_POINTED_AT = re.compile(r"url\(#([^)]+)\)")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_TYPEFACE = re.compile(r"\s*font-family:[^;]*;?")
_SHORTHAND = re.compile(r"font:\s*(?:(bold|\d{3})\s+)?([\d.]+px)[^;]*")


def inline_svg(
    figure: "Figure", name: str, title: str, description: str, wording: Wording = AS_WRITTEN
) -> str:
    """Return ``figure`` as an ``svg`` element to be placed in an HTML page.

    Args:
        figure: A drawn matplotlib figure.
        name: A word that no other figure of the page has; it begins every identifier.
        title: What the picture is, in a few words.
        description: What the picture shows, with its numbers, for those who cannot see it.
        wording: How its words are spelled.
    """
    import matplotlib as mpl

    drawn = io.StringIO()
    _write_words(figure, wording)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        # Letters that matplotlib's own typeface lacks are drawn by the page, in a typeface of its.
        warnings.simplefilter("ignore", UserWarning)
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    root = ElementTree.fromstring(drawn.getvalue())
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {
            key.rpartition("}")[2]: _tidied(value) for key, value in element.attrib.items()
        }
        element.text = _unless_blank(element.text)
        element.tail = _unless_blank(element.tail)
    _drop(root, {"metadata", "style"})
    _name_what_is_used(root, name)
    left, top, width, height = root.attrib["viewBox"].split()
    root.attrib = {
        "class": "picture",
        "viewBox": f"{left} {top} {width} {height}",
        "preserveAspectRatio": "xMinYMid meet",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
        "stroke-linejoin": "round",
        "font-family": "inherit",
    }
    for position, (tag, words) in enumerate((("title", title), ("desc", description))):
        spoken = ElementTree.Element(tag)
        spoken.set("id", f"{name}-{'title' if tag == 'title' else 'description'}")
        spoken.text = printable(wording(words))
        root.insert(position, spoken)
    return ElementTree.tostring(root, encoding="unicode", method="html")


def _write_words(figure: "Figure", wording: Wording) -> None:
    """Take no word for mathematics, and show signs that a drawing cannot hold as escapes.

    A name cut short can no longer be known as one, and is left as it is.
    """
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        words = text.get_text()
        words = words if ELLIPSIS in words else wording(words)
        text.set_text("\n".join(map(printable, words.split("\n"))))
        text.set_parse_math(False)


def _tidied(value: str) -> str:
    """Shorten one attribute: two decimals, single spaces, the page's own typeface."""
    value = _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.2f}", value)
    value = _SHORTHAND.sub(_size_and_weight, value)
    value = _TYPEFACE.sub("", value)
    return " ".join(value.split())


def _size_and_weight(found: re.Match[str]) -> str:
    weight = f"font-weight: {found[1]}; " if found[1] else ""
    return f"{weight}font-size: {found[2]}"


def _unless_blank(text: str | None) -> str | None:
    return text if text and text.strip() else None


def _drop(parent: ElementTree.Element, tags: set[str]) -> None:
    for child in list(parent):
        if child.tag in tags:
            parent.remove(child)
        else:
            _drop(child, tags)
            if child.tag == "defs" and len(child) == 0:
                parent.remove(child)


def _name_what_is_used(root: ElementTree.Element, name: str) -> None:
    """Keep only the identifiers something points at, with ``name`` in front of them."""
    used: set[str] = set()
    for element in root.iter():
        for key, value in element.attrib.items():
            used.update(_POINTED_AT.findall(value))
            if key == "href":
                used.add(value.removeprefix("#"))
    for element in root.iter():
        known = element.attrib.pop("id", None)
        if known in used:
            element.set("id", f"{name}-{known}")
        for key, value in list(element.attrib.items()):
            if key == "href":
                element.set(key, f"#{name}-{value.removeprefix('#')}")
            else:
                element.set(key, _POINTED_AT.sub(rf"url(#{name}-\1)", value))
