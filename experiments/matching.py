"""See where the gain of plans matched to need comes from: how it grows with the assessment.

Three services that act for some people only are given to everybody, or to those whom an assessment
finds to need them, by the same staff, who have time for a part of it all. The assessment goes from
knowing nothing to perfect. In the last rows it is perfect, and what a gain could come from is taken
away: differences in need, and want of time. All run on the same people with the same luck.

    python experiments/matching.py             # print the table
    python experiments/matching.py --write     # and write it into docs/mechanisms.md
"""

from __future__ import annotations

from typing import Any

from pages import MECHANISMS, difference, options, table, write_between

import txsim
from txsim.scenario import Scenario

MARKERS = "<!-- matching begins -->", "<!-- matching ends -->"
NEEDS = {
    "psychiatric_medication": ("diagnoses", "depression"),
    "dbt": ("diagnoses", "borderline_personality_disorder"),
    "family_therapy": ("traits", "family_involved"),
}
"""Each service, and whom it acts for, which the assessment has to find."""
SCARCE = {"therapist": 1.0, "psychiatrist": 0.3}
ENOUGH = {"therapist": 40.0, "psychiatrist": 10.0}
"""Posts, for 300 people."""
SHIPPED = "as shipped"
ASSESSMENTS = {
    "knows nothing": (0.5, 0.5),
    "poor": (0.6, 0.7),
    SHIPPED: (0.75, 0.9),
    "good": (0.9, 0.95),
    "perfect": (1.0, 1.0),
}
"""Sensitivity and specificity; those that are shipped are read from the catalogue."""
OUTCOMES = ("days_used", "free_of_regular_use_365", "retained_365")
HEADINGS = (
    "assessment",
    "sensitivity",
    "specificity",
    *(f"`{name}`" for name in OUTCOMES),
    "`days_used`, people with depression",
)


def clinic(posts: dict[str, float], **changes: Any) -> Scenario:
    """Three hundred people who ask on one day, and the three services for everybody."""
    everyday = txsim.load("baseline").with_changes(
        arrivals={"cohort": 300},
        clinic={"waiting_list": {"same_day_start": 1.0}},
        staff={"counsellor": {"posts": 20.0}}
        | {role: {"posts": share} for role, share in posts.items()},
        services={
            name: {"offered": True, "for": "assessed need", "indicated": {kind: [need]}}
            for name, (kind, need) in NEEDS.items()
        },
        plan={"policy": "generic"},
    )
    return everyday.with_changes(name="the same for all", **changes)


def accuracy(assessment: str, generic: Scenario) -> tuple[float, float]:
    """Sensitivity and specificity of an assessment."""
    if assessment != SHIPPED:
        return ASSESSMENTS[assessment]
    model = generic.catalogue.model
    return model["assessment_sensitivity"].value, model["assessment_specificity"].value


def matched(generic: Scenario, assessment: str) -> Scenario:
    """The same clinic with plans by assessed need."""
    sensitivity, specificity = accuracy(assessment, generic)
    return generic.with_changes(
        name=assessment,
        plan={"policy": "matched"},
        model={"assessment_sensitivity": sensitivity, "assessment_specificity": specificity},
    )


def rows_of(
    generic: Scenario, assessments: list[str], words: str, given: Any
) -> list[tuple[str, ...]]:
    """One row for each assessment: what is gained over the same for all."""
    designs = [generic, *(matched(generic, one) for one in assessments)]
    found = txsim.compare(designs, replications=given.replications, seed=given.seed)
    moved = found.differences.set_index(["scenario", "subgroup", "outcome"])
    depressed = generic.catalogue.diagnoses["depression"].label
    wanted = [*(("everyone", name) for name in OUTCOMES), (depressed, "days_used")]
    return [
        (
            words.format(one),
            *(f"{share:g}" for share in accuracy(one, generic)),
            *(difference(moved.loc[(one, *what)]) for what in wanted),
        )
        for one in assessments
    ]


def main() -> None:
    """Measure the gain for every assessment, and without what it comes from."""
    given = options(__doc__, MECHANISMS).parse_args()
    alike = {"population": {"shares": {need: 1.0 for _, need in NEEDS.values()}}}
    rows = [
        *rows_of(clinic(SCARCE), list(ASSESSMENTS), "{}", given),
        *rows_of(clinic(SCARCE, **alike), ["perfect"], "{}, and everybody has each need", given),
        *rows_of(clinic(ENOUGH), ["perfect"], "{}, and there is time for all", given),
    ]
    print(table(HEADINGS, rows))
    if given.write:
        write_between(MECHANISMS, MARKERS, table(HEADINGS, rows), given)


if __name__ == "__main__":
    main()
