"""Writes the tables of `docs/verification.md`: what was expected, and what the model gave.

    python docs/verification_table.py --write    # runs the tests that show it; some minutes

Figures come from the tests themselves, which note them beside what they assert, with fixed seeds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
PAGE = HERE / "verification.md"
SHOWN_BY = {
    "theory": "tests/model/test_laws.py",
    "publications": "tests/model/test_total_effects.py",
}
"""The tables, and the tests whose figures they hold."""


def shown(test_file: str) -> Iterator[tuple[str, float, float]]:
    """Every quantity that the tests of a file note: its name, what is expected, what was found.

    Raises SystemExit where a test fails: figures of a model that fails its tests are not written.
    """
    with TemporaryDirectory() as folder:
        told = Path(folder) / "tests.xml"
        command = [sys.executable, "-m", "pytest", "-q", test_file]
        # Of the two layouts of that file, only the older one has a place for what tests note.
        command += ["-o", "junit_family=xunit1", f"--junit-xml={told}"]
        if subprocess.run(command, cwd=HERE.parent, check=False).returncode:
            raise SystemExit(f"{test_file} fails; nothing was written")
        for one in ElementTree.parse(told).iter("property"):
            if one.get("name") == "shown":
                quantity, expected, found = json.loads(one.get("value", ""))
                yield quantity, expected, found


def table(test_file: str) -> str:
    """What the tests of a file show, in Markdown."""
    lines = ["| quantity | expected | the model |", "|---|---|---|"]
    for quantity, expected, found in shown(test_file):
        lines.append(f"| {quantity} | {expected:.3g} | {found:.3g} |")
    return "\n".join(lines)


def main() -> int:
    """Write the page; without --write, say how."""
    if "--write" not in sys.argv[1:]:
        print(__doc__)
        return 2
    page = PAGE.read_text(encoding="utf-8")
    for name, test_file in SHOWN_BY.items():
        begins, ends = f"<!-- {name} begin -->", f"<!-- {name} end -->"
        before, after = page.split(begins)[0], page.split(ends)[1]
        page = f"{before}{begins}\n\n{table(test_file)}\n\n{ends}{after}"
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
