"""A study in plain words, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txsim.compare.naming import wording_of
from txsim.errors import printable
from txsim.formatting import counted, plain

if TYPE_CHECKING:
    from txsim.sensitivity.screening import Screened
    from txsim.sensitivity.study import Study

MOST_TOLD = 6
"""Numbers told of each figure at most."""

PEOPLE = 100.0


def summary(study: Study, locale: str | None = None) -> str:
    """Say for each figure which numbers carry it, and how sure that is."""
    wording = wording_of(study.designs, locale)
    lines = [*_basis(study), ""]
    for place in range(len(study.outputs)):
        lines += [*_of_output(study, place), ""]
    lines += _how_to_read(study)
    return "\n".join(printable(wording(line)) for line in lines)


def _basis(study: Study) -> list[str]:
    names = [design.name for design in study.designs]
    lines = [
        f"{' against '.join(names)}: {counted(len(study.numbers), 'number')} of the world have a "
        "range and act here.",
        *(
            f"  {len(found.factors):,} {step} screened, {int(found.told.any(axis=1).sum())} told "
            "from luck"
            for step, found in study.screened.items()
        ),
        f"  {study.runs:,} runs of a design, {study.how.replications} of each setting.",
    ]
    if study.failed:
        lines.append(f"  {counted(study.failed, 'run')} failed; what needed them is left out.")
    return lines


def _of_output(study: Study, place: int) -> list[str]:
    output = study.outputs[place]
    lines = [f"{output.words[:1].upper()}{output.words[1:]}"]
    if study.centre is not None:
        centre = PEOPLE * float(study.centre[place])
        unit = "of 100 people"
        if output.against:
            unit, centre = f"{'more' if centre >= 0.0 else 'fewer'} {unit}", abs(centre)
        lines.append(f"  {plain(centre, 1)} {unit}, all numbers at their centres")
    found = study.indices
    if found is not None and found.spread[place] > 0.0:
        spread, luck = PEOPLE * found.spread[place], PEOPLE * found.luck_spread[place]
        lines.append(
            f"  the numbers that are left move it by {plain(spread, 1)} (standard deviation), luck "
            f"in a setting by {plain(luck, 1)}"
        )
        for factor, total, error in study.carry(place)[:MOST_TOLD]:
            share = f"{plain(PEOPLE * min(total, 1.0))} % ± {plain(PEOPLE * error)}"
            lines.append(f"  {share:>12}  {factor.words} (grade {factor.grade})")
        if not study.carry(place):
            lines.append(
                "  luck hides each number's share: more replications, or more points, would tell"
            )
        return lines
    lines += _movers(study, place)
    return lines


def _movers(study: Study, place: int) -> list[str]:
    """What moves a figure by the last screening, where there are no indices of it."""
    if not study.screened:
        return []
    found: Screened = list(study.screened.values())[-1]
    order = np.argsort(-np.where(found.told[:, place], found.moves[:, place], 0.0))
    told = [one for one in order[:MOST_TOLD] if found.told[one, place]]
    if not told:
        return ["  no number moves it by more than luck does"]
    return [
        f"  moved by {plain(PEOPLE * found.moves[one, place], 1)} (luck alone "
        f"{plain(PEOPLE * found.luck[one, place], 1)}): {found.factors[one].words} "
        f"(grade {found.factors[one].grade})"
        for one in told
    ]


def _how_to_read(study: Study) -> list[str]:
    if study.indices is None:
        return ["Figures are people of 100, for a move by two thirds of a number's 95 % range."]
    return [
        "Shares are total Sobol indices: of what the numbers that are left leave open, the part "
        "that would",
        "still be open if all others were known. Shares may sum to more than 100 %, since numbers "
        "act together.",
    ]
