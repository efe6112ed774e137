"""What is compared between a trial and the engine: the same figures of both, arm by arm."""

from __future__ import annotations

from typing import Any

import numpy as np
from trial_data import ARMS, COVARIATES, LENGTH, Trial

Array = np.ndarray[Any, Any]

IN_CARE_AFTER = (4, 8, 12, 20)
"""Weeks after which it is counted who is still in care."""
SPANS = {"weeks 1-3": (1, 4), "weeks 4-11": (4, 12), "weeks 12-23": (12, LENGTH)}
BY = ("under_25", "male", "stimulants")
HALF = 0.5
"""Added to a count that a logarithm is taken of."""

NAMES = (
    *(f"in care after {week} weeks" for week in IN_CARE_AFTER),
    "positive in week 0",
    *(f"positive, {span}" for span in SPANS),
    "positive after positive",
    "positive after negative",
    *(f"attended, {span}" for span in SPANS),
    "log ratio of leaving: positive",
    *(f"log ratio of leaving: {one}" for one in BY),
    "log ratio of leaving: missed",
)
IS_RATIO = np.array([name.startswith("log ratio") for name in NAMES])
"""Ratios are on the log scale, all others are shares."""
MISSED = "log ratio of leaving: missed"
NOT_FITTED = ("positive in week 0",)
"""Told, but no part of the fit: the first urines of START were taken before doses could act, and
are positive less often than those of the weeks after."""


def fitted_in(arm: int) -> Array:
    """Which figures of an arm the fit goes by.

    In X:BOT the last dose is often weeks after the last visit kept, so that missing comes close to
    being what leaving is: told, and not fitted.
    """
    left_out = {*NOT_FITTED, *([MISSED] if ARMS[arm].startswith("Inpatient") else [])}
    return np.array([name not in left_out for name in NAMES])


def in_care_by_week(trial: Trial) -> Array:
    """Bool N x LENGTH: the week is one in care."""
    return np.asarray(np.arange(LENGTH)[None, :] < trial.weeks[:, None])


def share(part: Array, whole: Array) -> float:
    """How many of these are so; one more of each kind keeps it off 0 and 1."""
    return float((part & whole).sum() + HALF) / float(whole.sum() + 2.0 * HALF)


def log_ratio_of_leaving(trial: Trial, group: Array, others: Array) -> float:
    """Log ratio of leaving at the end of weeks of one kind over weeks of another.

    Weeks from 1 on, until the last in which leaving can be seen.
    """
    here = in_care_by_week(trial)
    leaves = trial.left[:, None] & (np.arange(LENGTH)[None, :] == trial.weeks[:, None] - 1)
    here[:, 0] = False
    here[:, LENGTH - 1] = False
    rates = [
        ((leaves & here & one).sum() + HALF) / ((here & one).sum() + 2.0 * HALF)
        for one in (group, others)
    ]
    return float(np.log(rates[0] / rates[1]))


def summaries(trial: Trial) -> Array:
    """The figures of one arm, in the order of NAMES."""
    here = in_care_by_week(trial)
    tested, positive = here & (trial.urine >= 0), trial.urine == 1
    found = [
        share(~trial.left | (trial.weeks > week), np.ones(trial.size, bool))
        for week in IN_CARE_AFTER
    ]
    found.append(share(positive[:, 0], tested[:, 0]))
    found += [share(positive[:, a:b], tested[:, a:b]) for a, b in SPANS.values()]
    both = tested[:, :-1] & tested[:, 1:]
    found.append(share(positive[:, 1:], both & positive[:, :-1]))
    found.append(share(positive[:, 1:], both & ~positive[:, :-1]))
    found += [share(trial.attended[:, a:b], here[:, a:b]) for a, b in SPANS.values()]
    found.append(log_ratio_of_leaving(trial, positive, trial.urine == 0))
    for name in BY:
        has = trial.covariates[:, COVARIATES.index(name)][:, None] > 0
        found.append(log_ratio_of_leaving(trial, has, ~has))
    found.append(log_ratio_of_leaving(trial, ~trial.attended, trial.attended))
    return np.array(found)


def some_of(trial: Trial, people: Array) -> Trial:
    """The trial of these of its patients, perhaps more than once each."""
    return Trial(*(one[people] for one in vars(trial).values()))


def of_arm(trial: Trial, arm: int) -> Trial:
    """The patients of one arm."""
    return some_of(trial, np.flatnonzero(trial.arm == arm))


def errors_of(trial: Trial, seed: int, times: int = 400) -> Array:
    """Covariance of an arm's figures, by drawing its patients again (bootstrap)."""
    luck = np.random.default_rng(seed)
    drawn = [
        summaries(some_of(trial, luck.integers(trial.size, size=trial.size))) for _ in range(times)
    ]
    return np.cov(np.array(drawn), rowvar=False)


def by_week(trial: Trial) -> dict[str, Array]:
    """For aims told week by week: shares in care of all, attended and positive of those in care."""
    here = in_care_by_week(trial)
    tested = here & (trial.urine >= 0)
    return {
        "medication receipt": here.mean(axis=0),
        "attendance": (here & trial.attended).sum(axis=0) / np.maximum(here.sum(axis=0), 1),
        "positive urines": (tested & (trial.urine == 1)).sum(axis=0)
        / np.maximum(tested.sum(axis=0), 1),
    }


def told_nothing(trial: Trial) -> float:
    """Share of weeks with a positive urine of which no day of use was told: the under-report."""
    shown = in_care_by_week(trial) & (trial.urine == 1) & np.isfinite(trial.use_days)
    return float((shown & (trial.use_days == 0)).sum() / max(shown.sum(), 1))


def use_days_by_week(trial: Trial, untold: float) -> Array:
    """Mean days of use in weeks in care with a visit, of which this share tells nothing."""
    seen = in_care_by_week(trial) & trial.attended & np.isfinite(trial.use_days)
    days = np.where(seen, trial.use_days, 0.0).sum(axis=0)
    return (1.0 - untold) * days / np.maximum(seen.sum(axis=0), 1)
