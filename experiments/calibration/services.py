"""Pool what is known of psychosocial services on an agonist and leaving, solved exactly.

    log hazard ratio of a service = common mean + tau x own,    row = service + its standard error

Rows are findings of the catalogue that may be used as parameters or for calibration; what is kept
for validation, above all the published pool of such trials, is not. Given tau everything is normal,
so the posterior is summed over a grid of tau, which has a half-normal prior: where services are few
and alike, the data alone leave tau open. Nothing is drawn.

    python experiments/calibration/services.py         # the table, and how far the prior matters
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from scipy.stats import norm

SCALE_OF_TAU = 0.1
"""Scale of tau's half-normal prior: two services then seldom differ by a ratio of more than 1.3."""
SD_OF_MEAN = 0.3
"""Sd of the normal prior of the common mean, about no effect."""
TRIAL_TO_ROUTINE = 0.1
"""Sd, on the log scale, of how far a service's effect in routine care and today lies from that in
trials of years ago: an assumption, a fifth either way."""
LAPPAN = 0.304
"""Average dropout from psychosocial treatment (lappan2020-dropout), for an odds ratio as a ratio of
hazards."""


@dataclass(frozen=True)
class Row:
    """What one finding says of a service's log hazard ratio of leaving."""

    service: str
    evidence: str
    effect: float
    """Log hazard ratio."""
    error: float
    """Its standard error."""
    trial: bool = True
    """Whether it was found in trials, and not among patients of a clinic."""

    @property
    def precision(self) -> float:
        """What it tells of the service in routine care."""
        return 1.0 / (self.error**2 + self.trial * TRIAL_TO_ROUTINE**2)


def hazard_ratio(odds_ratio: float) -> float:
    """The ratio of hazards of an odds ratio of leaving, where on average so many leave."""
    odds = odds_ratio * LAPPAN / (1.0 - LAPPAN)
    return log(1.0 - odds / (1.0 + odds)) / log(1.0 - LAPPAN)


def limits(
    service: str, evidence: str, value: float, low: float, high: float, trial: bool = True
) -> Row:
    """A row by its ratio of hazards and its 95 % limits."""
    return Row(service, evidence, log(value), (log(high) - log(low)) / 3.92, trial)


def three_arms(people: int, share: float) -> float:
    """Standard error of the log hazard ratio of two of three arms, by the share that stayed."""
    of_one = (1.0 - share) / (people / 3.0 * share) / log(share) ** 2
    return float(np.sqrt(2.0 * of_one))


ROWS = (
    limits(
        "individual_counselling",
        "bhatraju2017-dropout-hr-outpatient-counselling",
        *(0.97, 0.72, 1.31),
        trial=False,
    ),
    # Three intensities, 39 to 48 of 100 stayed; which arm had which is not in the row.
    Row("individual_counselling", "fiellin2006-completion-24wk", 0.0, three_arms(166, 0.43)),
    limits("peer_group", "bhatraju2017-dropout-hr-12step", 1.01, 0.79, 1.29, trial=False),
    limits(
        "mindfulness_relapse_prevention",
        "grant2017-mbrp-dropout",
        *(hazard_ratio(one) for one in (0.81, 0.40, 1.62)),
    ),
    # What the catalogue made of it: part of what case management does for linking and staying.
    Row("case_management", "vanderplasschen2019-treatment-tasks", log(0.90), 0.12),
)
WITHOUT_FIGURES = (
    "therapy_group", "peer_recovery_worker", "dual_diagnosis_care", "contingency_management",
)  # fmt: skip
"""Services of the pool of which no trial says by how much, if at all, people stay longer."""


@dataclass(frozen=True)
class Pooled:
    """The posterior of the common mean, of tau, and of every service, on the log scale."""

    mean: float
    sd: float
    tau: float
    services: dict[str, tuple[float, float, float]]
    """Mean, sd, and the share of the variance that is the common mean's."""


def pool(
    rows: tuple[Row, ...], scale: float = SCALE_OF_TAU, others: tuple[str, ...] = ()
) -> Pooled:
    """The posterior, summed over tau."""
    services = tuple(dict.fromkeys((*(row.service for row in rows), *others)))
    at = np.array([services.index(row.service) for row in rows])
    effect = np.array([row.effect for row in rows])
    precision = np.array([row.precision for row in rows])
    own = np.bincount(at, precision, len(services))
    told = np.bincount(at, precision * effect, len(services))
    known = own > 0.0
    estimate = np.divide(told, own, out=np.zeros(len(services)), where=known)
    grid = (np.arange(4000) + 0.5) / 4000 * 6.0 * scale
    variance = np.where(known, 1.0 / np.where(known, own, 1.0), np.inf) + grid[:, None] ** 2
    weight = np.where(known, 1.0 / variance, 0.0)
    total = weight.sum(axis=1) + SD_OF_MEAN**-2.0
    mean = (weight * estimate).sum(axis=1) / total
    misfit = (weight * (estimate - mean[:, None]) ** 2).sum(axis=1) + (mean / SD_OF_MEAN) ** 2
    log_density = norm.logpdf(grid, 0.0, scale) - 0.5 * (
        np.log(np.where(known, variance, 1.0)).sum(axis=1) + np.log(total) + misfit
    )
    density = np.exp(log_density - log_density.max())
    density /= density.sum()
    of_mean = float(density @ mean)
    sd_of_mean = float(np.sqrt(density @ (1.0 / total + mean**2) - of_mean**2))
    # Given tau a service lies between its own rows and the mean, as far as tau lets it.
    to_mean = 1.0 / (1.0 + own * grid[:, None] ** 2)
    centre = to_mean * mean[:, None] + (1.0 - to_mean) * estimate
    left = to_mean * grid[:, None] ** 2
    common = to_mean**2 / total[:, None]
    found = {}
    for place, service in enumerate(services):
        expected = float(density @ centre[:, place])
        spread = float(density @ (left + common + centre**2)[:, place] - expected**2)
        shared = float(density @ common[:, place]) / spread
        found[service] = (expected, float(np.sqrt(spread)), shared)
    return Pooled(of_mean, sd_of_mean, float(density @ grid), found)


def main() -> None:
    for row in ROWS:
        print(f"{row.service:32s} {row.evidence:48s} {np.exp(row.effect):5.2f}  {row.error:.3f}")
    for scale in (SCALE_OF_TAU, 0.05, 0.2):
        found = pool(ROWS, scale, WITHOUT_FIGURES)
        print(
            f"\ntau's prior of scale {scale}: tau {found.tau:.3f}, common hazard ratio "
            f"{np.exp(found.mean):.3f} (sd {found.sd:.3f})"
        )
        for service, (mean, sd, shared) in found.services.items():
            print(f"  {service:32s} {np.exp(mean):5.2f}  sd {sd:.3f}  shared {shared:.2f}")


if __name__ == "__main__":
    main()
