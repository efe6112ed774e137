"""Does docs/model.md say all that there is to know? txsim beside the model rebuilt from the page alone.

Both live through from_the_page.toml at the central values of all numbers, each with chance of its own,
and are measured in the same way. Where the page tells everything, z is about standard normal.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from benchmarks.from_the_page import (
    BUPRENORPHINE,
    FILE,
    LOOK_AT,
    MEDIATORS,
    METHADONE,
    SERVICES,
    live,
)
from benchmarks.record import Section
from txsim.catalogue import load_catalogue
from txsim.clinic import Clinic
from txsim.run import record
from txsim.scenario import Scenario, load
from txsim.state import calendar
from txsim.state.events import Cause, Reason, Status

MOST_Z = 3.3
MOST_RMS = 1.5
"""They disagree when one outcome, or the root mean square of all, is further apart than this."""
ROWS = (
    "overdoses", "overdoses_in_care", "crises", "urines", "urines_positive", "symptoms", "mondays",
    "exit_reason", "exit_day", "first_dose_day", "first_medication", "death_cause",
)  # fmt: skip
REASONS = ("COMPLETED", "DROPPED_OUT", "MISSED_DAYS", "TRANSFERRED", "JAILED", "BEHAVIOUR")


def of_txsim(scenario: Scenario, replication: int, seed: int) -> dict[str, float]:
    """The figures of a run of txsim."""
    clinic = Clinic(scenario, replication, seed)
    clinic.run_until(LOOK_AT + 1)
    mediators = list(load_catalogue().mediators)
    looked = {name: clinic.state.drivers[:, mediators.index(name)].copy() for name in MEDIATORS}
    looked["tolerance"] = clinic.state.patients["tolerance"].copy()
    clinic.run_until(scenario.horizon.days)
    run = record(clinic)
    clinic.close()
    names = list(load_catalogue().services)
    at = [names.index(name) for name in SERVICES]
    return outcomes(
        calendar.status_of(run.calendar),
        calendar.used(run.calendar),
        calendar.medicated(run.calendar),
        calendar.kept_visit(run.calendar),
        {name: run.patients[name] for name in ROWS} | looked,
        run.services["booked"][at],
        run.services["kept"][at],
    )


def of_the_page(lives: Any, chosen: slice) -> dict[str, float]:
    """The figures of some of the people whose lives were made from the page."""
    return outcomes(
        lives.status[:, chosen],
        lives.used[:, chosen],
        lives.medicated[:, chosen],
        lives.visited[:, chosen],
        {name: one[chosen] for name, one in lives.rows.items()},
        lives.booked[:, chosen].sum(axis=1),
        lives.kept[:, chosen].sum(axis=1),
    )


def outcomes(
    status: Any, used: Any, medicated: Any, visited: Any, rows: Any, booked: Any, kept: Any
) -> dict[str, float]:
    """Figures of days x people (status, used, medicated, kept a visit), rows, and sums by service."""
    people = status.shape[1]
    care = (status == Status.INDUCTION) | (status == Status.IN_TREATMENT)
    alive = status != Status.DIED
    used, medicated, visited = used.astype(bool), medicated.astype(bool), visited.astype(bool)
    found: dict[str, float] = {}
    for name, medication in (("methadone", METHADONE), ("buprenorphine", BUPRENORPHINE)):
        on = rows["first_medication"] == medication
        for day in (30, 180, 270):
            found[f"in care after {day} days, {name}"] = care[day - 1, on].mean()
        found[f"covered in care, {name}"] = (medicated & care)[:, on].sum() / care[:, on].sum()
        found[f"days used in care, {name}"] = (used & care)[:, on].sum() / care[:, on].sum()
    for first, last in ((0, 1), (1, 4), (4, 12), (12, 26), (26, 39)):
        band = slice(7 * first, 7 * last)
        found[f"days used, weeks {first + 1} to {last}"] = used[band].sum() / alive[band].sum()
    found["days used, out of care"] = (used & alive & ~care).sum() / (alive & ~care).sum()
    recent = np.cumsum(used, axis=0, dtype=int)
    for day in (90, 270):
        clean = alive[day - 1] & (recent[day - 1] - recent[day - 29] <= 4)
        found[f"free of regular use after {day} days"] = clean.mean()
    for reason in REASONS:
        found[f"left: {reason.lower()}"] = (rows["exit_reason"] == Reason[reason]).mean()
    gone = rows["exit_day"] >= 0
    found["day of leaving"] = rows["exit_day"][gone].mean()
    found["never dosed"] = (rows["first_dose_day"] < 0).mean()
    found["died: overdose"] = (rows["death_cause"] == Cause.OVERDOSE).mean()
    found["died: other"] = (rows["death_cause"] > Cause.OVERDOSE).mean()
    found["overdoses in care"] = rows["overdoses_in_care"].mean()
    found["overdoses out of care"] = (rows["overdoses"] - rows["overdoses_in_care"]).mean()
    found["crises"] = rows["crises"].mean()
    found["urines"] = rows["urines"].mean()
    found["positive urines"] = rows["urines_positive"].sum() / rows["urines"].sum()
    found["symptoms"] = rows["symptoms"].sum() / rows["mondays"].sum()
    found["days in jail"] = (status == Status.JAILED).sum() / people
    found["days with a visit"] = visited.sum() / people
    for name, ask, come in zip(SERVICES, booked, kept, strict=True):
        found[f"booked: {name}"] = ask / people
        if name != SERVICES[-1]:
            found[f"kept: {name}"] = come / ask
    here = care[LOOK_AT]
    for name in ("alliance", "craving", "recent_use", "missed_visits"):
        found[f"{name.replace('_', ' ')} in care, day {LOOK_AT}"] = rows[name][here].mean()
    gone = alive[LOOK_AT] & ~here
    found[f"tolerance out of care, day {LOOK_AT}"] = rows["tolerance"][gone].mean()
    return {name: float(value) for name, value in found.items()}


def page(replications: int, seed: int) -> Section:
    """The outcomes of txsim and of the model rebuilt from the page, beside each other."""
    clinic = load(FILE)
    days, size = clinic.horizon.days, clinic.arrivals.cohort
    assert size is not None
    ours = [of_txsim(clinic, r, seed) for r in range(replications)]
    theirs = []
    for block in range(0, replications, 10):
        blocks = min(10, replications - block)
        lives = live(np.random.default_rng((seed, block)), size * blocks, days)
        theirs += [of_the_page(lives, slice(size * b, size * (b + 1))) for b in range(blocks)]
    rows, scores = [], dict[str, float]()
    for name in ours[0]:
        a, b = np.array([one[name] for one in ours]), np.array([one[name] for one in theirs])
        errors = a.std(ddof=1) / sqrt(len(a)), b.std(ddof=1) / sqrt(len(b))
        error = sqrt(errors[0] ** 2 + errors[1] ** 2)
        if error == 0.0:
            continue
        scores[name] = z = float((a.mean() - b.mean()) / error)
        rows.append(
            (name, f"{a.mean():.4g}", f"{errors[0]:.2g}", f"{b.mean():.4g}", f"{errors[1]:.2g}", f"{z:+.2f}")
        )  # fmt: skip
    sizes = np.abs(list(scores.values()))
    rms, largest = float(np.sqrt(np.mean(sizes**2))), float(sizes.max())
    return Section(
        name="page",
        title=f"The page: {replications} runs of txsim with {size} people and {days} days, and as many people "
        "of the model rebuilt from docs/model.md",
        headings=("outcome", "txsim", "s.e.", "from the page", "s.e.", "z"),
        rows=rows,
        figures={
            "z": scores,
            "rms": rms,
            "largest": largest,
            "disagrees": rms > MOST_RMS or largest > MOST_Z,
        },
        notes=(
            f"{len(scores)} outcomes: root mean square of z {rms:.2f}, largest {largest:.2f}; "
            f"{sum(sizes > 2)} beyond 2, {sum(sizes >= 3)} beyond 3. Many of them hang together, so they are not "
            "as many witnesses.",
        ),
    )
