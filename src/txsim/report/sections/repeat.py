"""How to repeat it: the command, what the result rests on, and where the numbers are."""

from collections.abc import Mapping
from typing import Any

from txsim.errors import printable
from txsim.report.view import View
from txsim.wording import Verbatim

FILES: tuple[tuple[str, str], ...] = (
    ("outcomes.csv", "every outcome of every design and group, with its interval"),
    ("differences.csv", "every difference from the first design, with its interval"),
    ("retention.csv", "the retention curves by day and definition"),
    ("curves.csv", "all other curves: relapse, exits, waiting, deaths"),
    ("roles.csv, services.csv", "staff minutes and sessions"),
    ("exits.csv, costs.csv", "why people left, and what a year costs"),
    ("variance.csv", "how much of a figure's uncertainty is chance, parameters, clinic"),
    ("replications.parquet", "every outcome of every run"),
    ("draws.parquet, carriers.csv", "the numbers of the world by draw, and those it rests on"),
    ("data_dictionary.csv", "what each column and each outcome means"),
    ("manifest.json", "versions, seeds and digests, and the command to run again"),
)

FACTS = {
    "replications": "runs of each design",
    "draws": "parameter sets",
    "uncertainty": "parameters drawn",
}
"""Names of a manifest's facts that a reader would not know by their key."""


def show(view: View) -> Mapping[str, object]:
    """Return the command, the facts of the manifest, and the files beside the report."""
    manifest = view.comparison.manifest
    command = Verbatim(printable(str(manifest.get("command", ""))))
    return {"command": command, "facts": _facts(manifest), "files": FILES}


def _facts(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a manifest's facts as lines of name and value.

    The command stands on its own, and the clock and the machine are left to the manifest: they
    are no part of the result, and the same comparison is to give the same page.
    """
    facts: list[tuple[str, str]] = []
    for key, value in manifest.items():
        name = FACTS.get(key, key.replace("_", " "))
        if key in ("command", "clock_and_machine") or value is None:
            continue
        if key == "designs":
            facts += [(f"digest of {design['name']}", design["digest"]) for design in value]
        elif isinstance(value, dict):
            facts.append((name, ", ".join(f"{part} {one}" for part, one in value.items())))
        else:
            yes_or_no = "yes" if value else "no"
            facts.append((name, yes_or_no if isinstance(value, bool) else str(value)))
    return facts
