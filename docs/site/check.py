"""Looks through the built site: links lead somewhere, and nothing is loaded from another host."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from posixpath import normpath
from urllib.parse import unquote, urlsplit

LOADED = {
    ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"),
    ("audio", "src"), ("embed", "src"), ("object", "data"),
}  # fmt: skip
"""Attributes whose address a browser fetches by itself; for `link` it depends on its kind."""

FETCHED_LINKS = {"stylesheet", "preload", "modulepreload", "prefetch", "icon", "preconnect",
                 "dns-prefetch", "manifest"}  # fmt: skip


class Page(HTMLParser):
    """The anchors, links and loads of one page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = {""}
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element is called, where it leads and what it loads."""
        held = {name: value or "" for name, value in attrs}
        self.anchors |= {held[name] for name in ("id", "name") if name in held}
        if tag == "a" and "href" in held:
            self.links.add(held["href"])
        if tag == "link" and FETCHED_LINKS & set(held.get("rel", "").split()):
            self.loads.add(held.get("href", ""))
        for name, value in held.items():
            if (tag, name) in LOADED:
                self.loads.add(value)
            if name == "srcset":
                self.loads |= {part.split()[0] for part in value.split(",") if part.strip()}


def is_external(address: str) -> bool:
    """Whether an address leads out of the site."""
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme in ("http", "https", "ftp", "mailto")


def faults(site: Path) -> Iterator[str]:
    """Every link that leads nowhere, and everything that comes from another host."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        told = path.relative_to(site).as_posix()
        for address in sorted(page.links | page.loads):
            if is_external(address):
                if address in page.loads:
                    yield f"{told}: loads {address}"
                continue
            parts = urlsplit(address)
            if parts.scheme:  # data: and the like hold what they show
                continue
            there = path.parent / unquote(parts.path) if parts.path else path
            there = Path(normpath(there.as_posix()))
            if not there.is_file():
                yield f"{told}: {address} leads nowhere"
            elif there in pages and unquote(parts.fragment) not in pages[there].anchors:
                yield f"{told}: {address} has no such place in its page"
    for path in sorted(site.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        if any(mark in text for mark in ("url(http", "url(//", 'url("http', "@import")):
            yield f"{path.relative_to(site).as_posix()}: loads from elsewhere"


def leading_out(site: Path) -> list[str]:
    """All addresses outside the site to which its pages link."""
    links = {one for path in site.rglob("*.html") for one in Page(path).links}
    return sorted(one for one in links if is_external(one))
