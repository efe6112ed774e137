"""A scorecard in a folder: table, page, and how to make it again."""

from __future__ import annotations

from pathlib import Path

from txsim.compare.files import csv_of, json_of, write_all
from txsim.validation.page import html
from txsim.validation.scorecard import Scorecard

TABLE, PAGE, MANIFEST = "scorecard.csv", "validation.html", "manifest.json"
RESULTS = frozenset((TABLE, PAGE, MANIFEST))
"""Every file that is written."""


def save(card: Scorecard, folder: Path, *, force: bool) -> None:
    """Write all files or none; OutputError, with the reason, when the folder cannot be written."""
    page = html(card)

    def write_page(place: Path) -> None:
        place.write_text(page, encoding="utf-8", errors="backslashreplace")

    writers = {
        TABLE: csv_of(card.table),
        PAGE: write_page,
        MANIFEST: json_of(card.manifest),
    }
    write_all(folder, writers, beside=RESULTS if force else (), force=force)
