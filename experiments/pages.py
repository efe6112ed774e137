"""What the scripts that make figures of the documentation share: options, tables, and markers."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import txsim
from txsim.scenario import Scenario

MECHANISMS = Path(__file__).resolve().parents[1] / "docs" / "mechanisms.md"


def options(
    description: str | None, page: Path, replications: int = 100
) -> argparse.ArgumentParser:
    """The options that all of them have; the first line of `description` says what is done."""
    parser = argparse.ArgumentParser(description=(description or "").split("\n")[0])
    parser.add_argument("--replications", type=int, default=replications)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"write into {page.name}")
    return parser


def difference(row: Any) -> str:
    """A difference between two designs, with its 90 % interval."""
    mean, low, high = (round(float(row[name]), 12) + 0.0 for name in ("mean", "low", "high"))
    return f"{mean:+.3g} ({low:+.3g} to {high:+.3g})"


def differences_of(
    on: Scenario, off: Scenario, outcomes: Iterable[str], replications: int, seed: int
) -> Iterator[tuple[str, ...]]:
    """For each outcome its unit, both designs' means, and what the first differs by."""
    # The design without comes first: differences are told against it.
    found = txsim.compare([off, on], replications=replications, seed=seed)
    levels = found.outcomes.query("subgroup == 'everyone'").set_index(["scenario", "outcome"])
    moved = found.differences.query("subgroup == 'everyone'").set_index("outcome")
    for name in outcomes:
        one = moved.loc[name]
        means = [f"{levels.loc[(design.name, name), 'mean']:.4g}" for design in (on, off)]
        yield f"`{name}`", str(one["unit"]), *means, difference(one)


def table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """The rows as a table in Markdown."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write_between(page: Path, markers: tuple[str, str], figures: str, given: Any) -> None:
    """Put figures, and how they were made, between two markers of a page."""
    begins, ends = markers
    text = page.read_text(encoding="utf-8")
    before, after = text.split(begins)[0], text.split(ends)[1]
    made = f"{given.replications} replications, seed {given.seed}, txsim {txsim.__version__}."
    page.write_text(f"{before}{begins}\n\n{figures}\n\n{made}\n\n{ends}{after}", encoding="utf-8")
