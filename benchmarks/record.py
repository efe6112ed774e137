"""What was measured, as tables: printed, kept in results.json, and told in results.md.

results.json holds the latest of each section; results.md is written anew from it and is not edited
by hand.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from txsim.compiled.functions import RULES

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PAGE = HERE / "results.md"
PACKAGES = ("txsim", "mesa", "numba", "numpy", "scipy", "pandas", "pyarrow")

INTRODUCTION = """\
# What was measured

Written by `python -m benchmarks ... --write` from results.json; [README.md](README.md) says how each
is measured. Times are seconds unless a column says otherwise; `rules` is the digest of all
sources that compiled code is made of.
"""


@dataclass(frozen=True)
class Section:
    """One thing measured: a table for readers, figures for programs."""

    name: str
    """Under which it is kept; a later measurement of the same name replaces it."""
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    figures: dict[str, Any]
    notes: Sequence[str] = ()


def machine() -> dict[str, Any]:
    """What the figures belong to, and how busy it was beforehand."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "rules": RULES,
        "packages": {name: installed(name) for name in PACKAGES},
        "load_before": load_average(),
        "measured": datetime.now(UTC).isoformat(timespec="minutes"),
    }


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def installed(package: str) -> str:
    """The version of a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def load_average() -> list[float] | None:
    """Processes that wanted to run, over 1, 5 and 15 minutes; None where no system says."""
    if not hasattr(os, "getloadavg"):
        return None
    return [round(one, 2) for one in os.getloadavg()]


def command_given(arguments: Sequence[str]) -> str:
    """The command that made a section."""
    return shlex.join(["python", "-m", "benchmarks", *arguments])


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as Markdown, with columns aligned to be read as plain text too."""
    widths = [max(len(row[c]) for row in (headings, *rows)) for c in range(len(headings))]

    def line(cells: Sequence[str]) -> str:
        told = [cells[0].ljust(widths[0])]
        told += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return f"| {' | '.join(told)} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(
        [line(headings), f"|{'|'.join(f' {one} ' for one in rule)}|", *map(line, rows)]
    )


def tell(section: Section) -> None:
    """Print a section."""
    print(f"{section.title}\n\n{table(section.headings, section.rows)}\n")
    for note in section.notes:
        print(f"- {note}")
    sys.stdout.flush()


def write(section: Section, where: dict[str, Any], command: str) -> None:
    """Put a section in the place of its forerunner in results.json, and write results.md anew."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    kept[section.name] = {"command": command, "machine": where, **asdict(section)}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(kept), encoding="utf-8")


def page(kept: dict[str, Any]) -> str:
    """results.md."""
    parts = [INTRODUCTION]
    for name in sorted(kept):
        one = kept[name]
        where = one["machine"]
        packages = ", ".join(f"{name} {which}" for name, which in where["packages"].items())
        load = where["load_before"]
        busy = "" if load is None else f" Load average before: {', '.join(map(str, load))}."
        parts.append(f"## {one['title']}\n")
        parts.append(f"```sh\n{one['command']}\n```\n")
        parts.append(f"{table(one['headings'], one['rows'])}\n")
        if one["notes"]:
            parts.append("\n".join(f"- {note}" for note in one["notes"]) + "\n")
        parts.append(
            f"{where['measured'][:10]}, {where['processor']}, {where['cores']} cores, "
            f"{where['system']}, Python {where['python']}, {packages}, rules {where['rules']}.{busy}\n"
        )
    return "\n".join(parts)
