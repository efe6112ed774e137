"""A service, a diagnosis and a role are added by a block of TOML each, and do what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from txsim.run import Run, run
from txsim.scenario import Scenario, load
from txsim.state.events import NEVER

from ..model.small_clinics import compiled_only

pytestmark = [pytest.mark.direction, compiled_only]

CLINIC = """
title    = "A cohort on methadone"
question = "What does a block more change?"
extends  = "baseline"

[horizon]
days = 150

[arrivals]
cohort = 900

[clinic]
places = 900
[clinic.waiting_list]
same_day_start = 1.0

[staff]
counsellor = { posts = 400.0, turnover_per_year = 0.0 }
nurse      = { posts = 100.0, turnover_per_year = 0.0 }

[medication]
assign = "methadone"

[services.therapy_group]
offered = false             # its seats would be shared by everybody
"""

MUSIC = """
[services.music_therapy]
label      = "Music therapy"
role       = "counsellor"
kind       = "group"
minutes    = 60.0
every_days = 7.0
seats      = 12
sessions_per_week = 80.0
offered    = true
uptake     = 0.9
through    = ["alliance", "coping_skill"]
targets    = { dropout = 0.85, use = 0.75 }
builds_over_sessions = 1.0
source     = "assumption"
"""

GRIEF = """
[diagnoses.prolonged_grief]
label    = "Prolonged grief"
opioid   = 0.5
alcohol  = 0.5
loadings = { internalising = 0.5 }
source   = "assumption"
[diagnoses.prolonged_grief.effects]
dropout  = 3.0
"""

ART = """
[roles.art_therapist]
label             = "Art therapist"
direct_care_share = 0.6
source            = "assumption"

[staff]
art_therapist = { posts = %s, turnover_per_year = 0.0 }

[services.art_therapy]
label      = "Art therapy"
role       = "art_therapist"
minutes    = 45.0
every_days = 7.0
offered    = true
uptake     = 1.0
source     = "assumption"
raises     = { social_support = 1.2 }
"""


def with_block(folder: Path, block: str = "") -> Scenario:
    """The cohort's file, with another that extends it by a block."""
    (folder / "cohort.toml").write_text(CLINIC, encoding="utf-8")
    if not block:
        return load(folder / "cohort.toml")
    (folder / "more.toml").write_text(f'extends = "cohort.toml"\n{block}', encoding="utf-8")
    return load(folder / "more.toml")


def people_and_days(held: Run) -> tuple[int, float]:
    """Those admitted, and the days each spent in care."""
    admitted = held.patients["first_admitted_day"] != NEVER
    return int(admitted.sum()), float(held.patients["days_in_care"][admitted].mean())


def use_in_care(held: Run) -> float:
    status = held.calendar & 15
    caring = (status >= 3) & (status <= 5)
    return float(((held.calendar & 16) > 0)[caring].mean())


def test_a_service_that_holds_people_holds_them(tmp_path: Path) -> None:
    """A hazard ratio of 0.85 and an odds ratio of use of 0.75, on the same 3000 people.

    With 900 the days gained lie between 0.3 and 1.6, 0.85 in the mean of six runs.
    """
    many = {"cohort": 3000}
    before, after = (
        run(
            with_block(tmp_path, block).with_changes(arrivals=many, clinic={"places": 3000}),
            uncertainty=False,
        )
        for block in ("", MUSIC.replace("week = 80.0", "week = 300.0"))
    )
    music = after.services[-1]
    counsellor = list(after.scenario.catalogue.roles).index("counsellor")

    assert list(after.scenario.catalogue.services)[-1] == "music_therapy"
    assert music["taken_up"] > 1300
    assert music["kept"] > 10000
    assert people_and_days(after)[0] == people_and_days(before)[0]
    assert people_and_days(after)[1] > people_and_days(before)[1] + 0.4
    assert use_in_care(after) < use_in_care(before) - 0.01
    more = after.roles["minutes_used"][counsellor] - before.roles["minutes_used"][counsellor]
    assert more > 0.9 * 60.0 * music["groups_held"]


def test_a_diagnosis_that_drives_people_away_drives_them_away(tmp_path: Path) -> None:
    """A hazard ratio of 3 for half of the people; everybody else is left alone."""
    before, after = (run(with_block(tmp_path, block), uncertainty=False) for block in ("", GRIEF))
    grieving = after.diagnoses[:, -1]
    admitted = before.patients["first_admitted_day"] != NEVER
    stays = [one.patients["days_in_care"][admitted & grieving].mean() for one in (before, after)]

    assert list(after.scenario.catalogue.diagnoses)[-1] == "prolonged_grief"
    assert grieving.mean() == pytest.approx(0.5, abs=0.05)
    assert stays[1] < stays[0] - 10.0
    assert before.calendar[:, ~grieving].tobytes() == after.calendar[:, ~grieving].tobytes()
    depressed = list(after.scenario.catalogue.diagnoses).index("depression")
    together = np.corrcoef(grieving, after.diagnoses[:, depressed])[0, 1]
    assert together > 0.1, "both load on the same factor"


def test_a_role_is_what_limits_its_service(tmp_path: Path) -> None:
    """Without art therapists nothing is held; with more of them, more is, and it helps."""
    held = [
        run(with_block(tmp_path, ART % posts), uncertainty=False)
        for posts in ("0.0", "4.0", "60.0")
    ]
    kept = [one.services["kept"][-1] for one in held]
    role = list(held[0].scenario.catalogue.roles).index("art_therapist")

    assert kept[0] == 0.0
    assert kept[2] > 2 * kept[1] > 0.0
    assert held[0].roles["minutes_staffed"][role] == 0.0
    for one in held:
        assert one.roles["minutes_used"][role] <= one.roles["minutes_staffed"][role]
    assert use_in_care(held[2]) < use_in_care(held[0]) - 0.01
    assert held[0].services["waited"][-1] > 0.0


def test_blocks_change_no_layout(tmp_path: Path) -> None:
    """New names make no record wider, so nothing is compiled anew for them."""
    before, after = (
        run(with_block(tmp_path, block), uncertainty=False) for block in ("", MUSIC + GRIEF)
    )

    for name in ("patients", "services", "roles", "events", "days"):
        assert getattr(before, name).dtype == getattr(after, name).dtype
