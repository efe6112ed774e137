"""Does docs/model.md say all that there is to know? txsim beside the model rebuilt from the page alone.

Both live through from_the_page.toml at the central values of all numbers, each with chance of its own,
and are measured in the same way. Where the page tells everything, z is about standard normal.
"""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.from_the_page import BUPRENORPHINE, METHADONE, SERVICES, Lives, live
from benchmarks.record import Section
from txsim.catalogue import load_catalogue
from txsim.run import Run, replicate
from txsim.scenario import Scenario, load
from txsim.state import calendar
from txsim.state.events import Cause, Reason, Status

FILE = Path(__file__).with_name("from_the_page.toml")
MOST_Z = 3.3
MOST_RMS = 1.3
ROWS = (
    "overdoses", "overdoses_in_care", "crises", "urines", "urines_positive", "symptoms", "mondays",
    "visits_due", "visits_kept", "exit_reason", "exit_day", "first_dose_day",
)  # fmt: skip
REASONS = ("COMPLETED", "DROPPED_OUT", "MISSED_DAYS", "TRANSFERRED", "JAILED", "BEHAVIOUR")


def scenario() -> Scenario:
    """The clinic that was rebuilt."""
    return load(FILE)


def of_txsim(run: Run) -> dict[str, float]:
    """The figures of a run of txsim."""
    days = run.calendar
    names = list(load_catalogue().services)
    at = [names.index(name) for name in SERVICES]
    rows: dict[str, Any] = {name: run.patients[name] for name in ROWS}
    rows["cause"] = run.patients["death_cause"]
    rows["medication"] = run.patients["first_medication"]
    return outcomes(
        calendar.status_of(days),
        calendar.used(days),
        calendar.medicated(days),
        calendar.kept_visit(days),
        rows,
        run.services["booked"][at],
        run.services["kept"][at],
    )


def of_the_page(lives: Lives, chosen: slice) -> dict[str, float]:
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
        on = rows["medication"] == medication
        for day in (30, 90, 180, 270):
            found[f"in care after {day} days, {name}"] = care[day - 1, on].mean()
        found[f"covered in care, {name}"] = (medicated & care)[:, on].sum() / care[:, on].sum()
        found[f"days used in care, {name}"] = (used & care)[:, on].sum() / care[:, on].sum()
    for first, last in ((0, 1), (1, 4), (4, 12), (12, 26), (26, 39)):
        band = slice(7 * first, 7 * last)
        found[f"days used, weeks {first + 1} to {last}"] = used[band].sum() / alive[band].sum()
    found["days used, out of care"] = (used & alive & ~care).sum() / (alive & ~care).sum()
    recent = np.cumsum(used, axis=0, dtype=int)
    for day in (90, 180, 270):
        clean = alive[day - 1] & (recent[day - 1] - recent[day - 29] <= 4)
        found[f"free of regular use after {day} days"] = clean.mean()
    for reason in REASONS:
        found[f"left: {reason.lower()}"] = (rows["exit_reason"] == Reason[reason]).mean()
    gone = rows["exit_day"] >= 0
    found["day of leaving"] = rows["exit_day"][gone].mean()
    found["day of the first dose"] = rows["first_dose_day"][rows["first_dose_day"] >= 0].mean()
    found["never dosed"] = (rows["first_dose_day"] < 0).mean()
    found["died: overdose"] = (rows["cause"] == Cause.OVERDOSE).mean()
    found["died: other"] = (rows["cause"] > Cause.OVERDOSE).mean()
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
        found[f"kept: {name}"] = come / ask
    return {name: float(value) for name, value in found.items()}


def page(replications: int, seed: int) -> Section:
    """The outcomes of txsim and of the model rebuilt from the page, beside each other."""
    clinic = scenario()
    days, size = clinic.horizon.days, clinic.arrivals.cohort
    assert size is not None
    ours = replicate([clinic], replications, seed, of_txsim, uncertainty=False, workers=1)[0]
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
