"""What a scenario says about services, evidence, staff and prices ends up in its catalogue."""

from collections.abc import Callable
from pathlib import Path

import pytest

from txsim.catalogue import Service, load_catalogue
from txsim.errors import ScenarioError
from txsim.scenario import Scenario, load
from txsim.scenario.adjustments import EFFECT_FIELDS

Loaded = Callable[[str], Scenario]
MUSIC = """
[services.music_therapy]
label = "Music therapy"
offered = true
role = "therapist"
kind = "group"
minutes = 60
seats = 10
every_days = 7
raises = { social_support = 0.03 }
fades_over_days = 30
grade = "D"
source = "assumption"
"""


def test_a_new_service_is_one_block(loaded: Loaded) -> None:
    scenario = loaded(f'extends = "baseline"\nstaff.therapist.posts = 1\n{MUSIC}')

    music = scenario.catalogue.services["music_therapy"]

    assert (music.label, music.seats, music.groups_per_week) == ("Music therapy", 10, 1.0)
    raised = music.raises["social_support"]
    assert (raised.value, raised.unit, raised.grade) == (0.03, "sd units", "D")
    assert (music.fades_over_days.value, music.fades_over_days.source) == (30.0, "assumption")
    assert "music_therapy" not in load_catalogue().services
    assert scenario.warnings == ()


def test_a_new_diagnosis_role_and_mix_are_blocks_too(loaded: Loaded) -> None:
    scenario = loaded("""\
extends = "baseline"
population.mix = "our people"
population.shares.gambling = 0.2
staff.music_therapist.posts = 0.5
[diagnoses.gambling]
label = "Gambling"
effects = { dropout = 1.2 }
[roles.music_therapist]
label = "Music therapist"
wage_per_year = 50000
[mixes."our people"]
label = "Our people"
opioid_share = 1.0
age_mean = 40
age_sd = 10
distance_median_km = 5
distance_p90_km = 20
use_days = 25
detoxified_share = 0.1
""")

    gambling = scenario.catalogue.diagnoses["gambling"]

    assert gambling.effects["dropout"].unit == "hazard ratio"
    assert gambling.effects["dropout"].source == "local assumption"
    assert scenario.catalogue.roles["music_therapist"].wage_per_year.value == 50_000
    assert scenario.catalogue.mixes["our people"].age_mean.unit == "years"


def test_an_override_states_only_what_differs(loaded: Loaded) -> None:
    shipped = load_catalogue().services["case_management"]
    scenario = loaded("""\
extends = "baseline"
[services.case_management]
every_days = 7
attendance = 0.9
uptake = { value = 0.5, sd = 0.2, source = "our records" }
targets = { dropout = 0.8 }
""")

    own = scenario.catalogue.services["case_management"]

    assert own.every_days == 7.0
    assert (own.attendance.value, own.attendance.unit) == (0.9, "probability")
    assert (own.attendance.source, own.attendance.evidence) == ("local assumption", ())
    assert (own.uptake.value, own.uptake.sd, own.uptake.source) == (0.5, 0.2, "our records")
    assert own.uptake.unit == shipped.uptake.unit
    assert own.targets["dropout"].value == 0.8
    assert own.targets["entry"] == shipped.targets["entry"], "the others stay as published"
    assert own.minutes == shipped.minutes
    assert (own.evidence, own.source, own.grade) == (
        shipped.evidence,
        shipped.source,
        shipped.grade,
    )


@pytest.mark.parametrize(
    ("said", "indicated", "phase"),
    [
        ('"everyone"', {}, "care"),
        ('["ptsd", "transport", "pregnant"]', {"diagnoses", "barriers", "traits"}, "care"),
        ('"alcohol"', {"substances"}, "care"),
        ('["methadone", "aftercare"]', {"medications"}, "aftercare"),
        ('"waiting"', {}, "waiting"),
    ],
)
def test_a_service_is_for_named_people_or_phases(
    loaded: Loaded, said: str, indicated: set[str], phase: str
) -> None:
    scenario = loaded(f'extends = "baseline"\n[services.cbt]\nfor = {said}\n')
    cbt = scenario.catalogue.services["cbt"]

    named = {group for group, names in cbt.indicated.model_dump().items() if names}
    assert named == set(indicated)
    assert (cbt.serves, cbt.phase) == ("everyone", phase)


def test_naming_people_replaces_those_named_in_the_catalogue(loaded: Loaded) -> None:
    assert load_catalogue().services["dbt"].indicated.diagnoses
    scenario = loaded('extends = "baseline"\n[services.dbt]\nfor = ["transport"]\n')

    indicated = scenario.catalogue.services["dbt"].indicated

    assert indicated.diagnoses == ()
    assert indicated.barriers == ("transport",)


def test_an_entry_may_be_given_as_an_object() -> None:
    service = Service(label="Own", kind="support", source="assumption")

    scenario = load("baseline").with_changes(services={"own": service})

    assert scenario.catalogue.services["own"].kind == "support"


def test_weak_evidence_is_left_out_and_own_figures_stay(loaded: Loaded) -> None:
    scenario = loaded("""\
extends = "baseline"
effects.grades = "AB"
[effects.override.peer_group.regular_use_begins]
hazard_ratio = 0.9
range = [0.7, 1.1]
""")

    for table, fields in EFFECT_FIELDS.items():
        for entry in getattr(scenario.catalogue, table).values():
            for field in fields:
                for number in getattr(entry, field).values():
                    strong = number.strength in "AB" or number.source == "local assumption"
                    assert strong or (number.is_null and number.spread == 0.0)
    own = scenario.catalogue.services["peer_group"].targets["regular_use_begins"]
    assert (own.value, own.low, own.high) == (0.9, 0.7, 1.1)
    assert load("baseline").catalogue.services["cbt"] == load_catalogue().services["cbt"]


def test_leaving_evidence_out_changes_some_effects() -> None:
    strict = load("baseline").with_changes(effects={"grades": "AB"}).catalogue
    usual = load("baseline").catalogue

    assert strict.services != usual.services
    assert strict.diagnoses != usual.diagnoses


def test_an_own_effect_on_something_new_finds_a_channel(loaded: Loaded) -> None:
    shipped = load_catalogue().services["wellness_centre"]
    assert "dropout" not in shipped.targets
    scenario = loaded(
        'extends = "baseline"\n[effects.override.wellness_centre.dropout]\nhazard_ratio = 0.9\n'
    )

    own = scenario.catalogue.services["wellness_centre"]

    assert own.targets["dropout"].value == 0.9
    assert len(own.through) == len(own.targets)
    assert not set(own.through) & set(own.raises), "a solved channel is not raised as well"


def test_a_posts_figures_and_prices_replace_those_of_the_catalogue(loaded: Loaded) -> None:
    scenario = loaded("""\
extends = "baseline"
staff.counsellor = { posts = 7.0, caseload = 30, wage_per_year = 70000, turnover_per_year = 0 }
[economics.prices]
overdose_event = 3000
costs.fringe = 0.4
roles.nurse.wage_per_year = 71000
services.transport_aid.modes.van.cost_per_use = 9
medications.methadone.cost_per_day = 1.5
""")
    catalogue = scenario.catalogue

    counsellor = catalogue.roles["counsellor"]
    assert (counsellor.caseload, counsellor.wage_per_year.value) == (30.0, 70_000.0)
    assert counsellor.turnover_per_year.value == 0.0
    assert counsellor.direct_care_share == load_catalogue().roles["counsellor"].direct_care_share
    assert catalogue.costs.overdose_event.value == 3000
    assert catalogue.costs.fringe.value == 0.4
    assert catalogue.costs.jail_day == load_catalogue().costs.jail_day
    assert catalogue.roles["nurse"].wage_per_year.value == 71_000
    assert catalogue.services["transport_aid"].modes["van"].cost_per_use.value == 9
    assert catalogue.medications["methadone"].cost_per_day.value == 1.5


def test_a_figure_of_the_model_can_be_replaced(loaded: Loaded) -> None:
    scenario = loaded('extends = "baseline"\n[model]\nclinic_sd = 0.2\n')

    number = scenario.catalogue.model["clinic_sd"]
    assert (number.value, number.unit) == (0.2, load_catalogue().model["clinic_sd"].unit)


@pytest.mark.parametrize(
    "said",
    [
        "clinic.waiting_list = { interim_dosing = true, same_day_start = 1.0 }",
        "services.interim_dosing.offered = true\nservices.same_day_start.offered = true",
    ],
)
def test_two_ways_of_offering_help_while_waiting_are_one(loaded: Loaded, said: str) -> None:
    scenario = loaded(f'extends = "baseline"\n{said}\n')

    assert scenario.catalogue.services["interim_dosing"].offered
    assert scenario.catalogue.services["same_day_start"].offered
    assert scenario.clinic.waiting_list.interim_dosing
    uptake = scenario.catalogue.services["same_day_start"].uptake.value
    assert scenario.clinic.waiting_list.same_day_start == (1.0 if "1.0" in said else uptake)


def test_a_barrier_may_be_called_one(loaded: Loaded) -> None:
    scenario = loaded('extends = "baseline"\npopulation.shares.transport_barrier = 0.35\n')

    assert scenario.population.shares == {"transport": 0.35}


@pytest.mark.parametrize(
    ("bare", "in_full"),
    [
        (
            "[roles.counsellor]\ncaseload = 40",
            '[roles.counsellor]\ncaseload = { value = 40, unit = "people" }',
        ),
        (
            "[services.individual_counselling]\nminutes = 30\nevery_days = 21",
            "[services.individual_counselling]\nminutes = { value = 30 }\n"
            'every_days = { value = 21, unit = "days" }',
        ),
        (
            "[services.therapy_group]\nseats = 9\nsessions_per_week = 4\ncourse_sessions = 12",
            '[services.therapy_group]\nseats = { value = 9, unit = "people" }\n'
            'sessions_per_week = { value = 4, unit = "per week" }\n'
            'course_sessions = { value = 12, unit = "sessions" }',
        ),
        (
            "[services.transport_aid]\nbudget_per_month = 900\nmodes = { van = { minutes = 9 } }",
            '[services.transport_aid]\nbudget_per_month = { value = 900, unit = "USD" }\n'
            'modes = { van = { minutes = { value = 9, unit = "minutes" } } }',
        ),
        (
            "[mediators.coping_skill]\nceiling = 2.0\n[medications.methadone]\ninduction_days = 9",
            '[mediators.coping_skill]\nceiling = { value = 2.0, unit = "sd units" }\n'
            '[medications.methadone]\ninduction_days = { value = 9, unit = "days" }',
        ),
    ],
)
def test_a_figure_that_is_held_fixed_may_be_written_with_its_unit(
    loaded: Loaded, bare: str, in_full: str
) -> None:
    one = loaded(f'extends = "baseline"\n{bare}\n').catalogue
    other = loaded(f'extends = "baseline"\n{in_full}\n').catalogue

    for table, name in one.changed | other.changed:
        assert getattr(one, table)[name] == getattr(other, table)[name]
    assert one.changed == other.changed


def test_a_service_that_is_believed_and_names_what_is_not_there_is_told(tmp_path: Path) -> None:
    """It is looked at for the others' ceilings only once all that it names exists."""
    (tmp_path / "mine.toml").write_text(
        'extends = "dual-diagnosis"\n'
        "effects.override.case_management.dropout = { hazard_ratio = 0.9, range = [0.8, 1.0] }\n"
        "services.case_management.raises.calm = 0.2\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match=r"case_management\.raises: there is no such name"):
        load(tmp_path / "mine.toml")
