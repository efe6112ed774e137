"""Where the scenarios that come with txsim are kept."""

import os
from functools import cache
from pathlib import Path

from txsim.scenario.paths import asking, neighbours


@cache
def shipped_folder() -> Path:
    """The folder of the shipped scenarios: inside an installed package, or atop a checkout."""
    here = Path(__file__)
    installed = here.parent / "shipped"
    with asking(installed):
        return installed if installed.is_dir() else here.resolve().parents[3] / "scenarios"


def is_shipped(path: Path) -> bool:
    """Whether a file is one of the shipped scenarios."""
    return path.suffix == ".toml" and os.path.abspath(path.parent) == str(shipped_folder())


def shipped_names() -> tuple[str, ...]:
    """The names by which shipped scenarios are loaded and extended, `baseline` first."""
    names = [Path(name).stem for name in neighbours(shipped_folder(), "*.toml")]
    return tuple(sorted(names, key=lambda name: name != "baseline"))


def shipped_path(name: str) -> Path | None:
    """The file of a shipped scenario, or None when none has this name."""
    return shipped_folder() / f"{name}.toml" if name in shipped_names() else None
