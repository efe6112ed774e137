"""Notes on utilisation: what plans ask too much of, and roles of which they need very little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from txsim.compare.naming import told_of, with_article
from txsim.formatting import listed, lower
from txsim.scenario.idle import MOSTLY_FULL
from txsim.scenario.mistakes import Mistake

if TYPE_CHECKING:
    from txsim.scenario import Scenario


def too_much_to_do(designs: Sequence[Scenario]) -> list[str]:
    """A sentence for each role, group or budget, or the places, of which plans ask too much."""
    from txsim.workload import CASELOADS, HOURS, MINUTES, PLACES, SEATS, gives_doses, weekly_load

    found = []
    for design in designs:
        for load in weekly_load(design):
            if not load.is_too_much:
                continue
            share = f"{100 * load.share:.0f}"
            others = listed([lower(label) for label in load.stand_ins], "or")
            doses = gives_doses(design, load.role)
            if load.role in design.staff and load.staffed <= 0.0 < design.staff[load.role].posts:
                what = (
                    f"the posts of the role {load.label} leave no minutes for patients once "
                    "meetings, supervision and leave are taken off, so "
                    f"{'an agency gives the doses, and ' if doses else ''}what "
                    f"{'else ' if doses else ''}takes that time is not given"
                )
            elif load.staffed <= 0.0 and load.role in design.catalogue.roles:
                what = (
                    f"nobody is there as {load.label.lower()}, though plans ask for one, so "
                    f"{'an agency gives the doses, and ' if doses else ''}what "
                    f"{'else ' if doses else ''}takes that time is not given"
                    f"{f' but by {with_article(others)} who has time to spare' if others else ''}"
                )
            elif load.role == HOURS:
                what = (
                    f"the posts can staff {load.staffed:.1f} of the {load.needed:.1f} hours a day "
                    "outside nine to five, and the others help nobody to come"
                )
            elif load.role == CASELOADS:
                what = (
                    f"primary counsellors may have {load.staffed:.0f} people, and "
                    f"{load.needed:.0f} are in care on the first day, so "
                    + (
                        "caseloads are above their limit"
                        if design.clinic.caseload_limit == "exceeded"
                        else "some have no primary counsellor"
                    )
                )
            elif load.staffed <= 0.0:
                what = f"plans ask for what is not there ({load.label.lower()})"
            elif load.role == PLACES:
                what = f"on the first day {share} people are in care for every 100 places"
            elif load.role in design.catalogue.roles:
                what = (
                    f"plans ask for {share} minutes of {with_article(lower(load.label))}'s time "
                    f"for every 100 there are, so "
                    f"{'doses take overtime or an agency, and ' if doses else ''}sessions will wait"
                    f"{f' where no {others} has time to stand in' if others else ''}"
                )
            elif load.unit not in (MINUTES, SEATS):
                service = design.catalogue.services[load.role].label.lower()
                what = (
                    f"plans ask for {share} {design.economics.currency} of {service} for every 100 "
                    "in its budget, so some weeks it will run out"
                )
            else:
                service = design.catalogue.services[load.role].label.lower()
                what = (
                    f"plans ask for {share} seats in the {service} for every 100 there are, so "
                    "people will wait for a seat"
                )
            found.append((design, what))
    return told_of(found, designs)


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
