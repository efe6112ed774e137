"""Notes on roles of low utilisation: a slip in a figure, or more FTE than are needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from txsim.compare.naming import told_of
from txsim.scenario.idle import MOSTLY_FULL
from txsim.scenario.mistakes import Mistake

if TYPE_CHECKING:
    from txsim.scenario import Scenario


def little_to_do(designs: Sequence[Scenario]) -> list[str]:
    """A note for each role of which plans need less than a quarter of its time.

    Nothing is said of a clinic that opens half empty.
    """
    from txsim.workload import PLACES, weekly_load

    found = []
    for design in designs:
        loads = weekly_load(design)
        taken = [load.share for load in loads if load.role == PLACES]
        if taken and taken[0] < MOSTLY_FULL:
            continue
        for load in loads:
            if load.is_little:
                said = design.told(Mistake(("staff", load.role), ""))
                place = f" ({said.file}:{said.line})" if said.line else ""
                what = (
                    f"plans ask for {100 * load.share:.0f} minutes of the time of the role "
                    f"{load.label} for every 100 there are: see whether its posts and the minutes "
                    f"of its sessions are what was meant{place}"
                )
                found.append((design, what))
    return told_of(found, designs)
