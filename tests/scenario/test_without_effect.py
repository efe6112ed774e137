"""Keys without effect are named, each with the reason; every key has its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from txsim.catalogue import load_catalogue
from txsim.catalogue.load import TABLES
from txsim.catalogue.service import Mode
from txsim.scenario import Scenario, load
from txsim.scenario.design import BLOCK_TABLES
from txsim.scenario.schema import Post, Section
from txsim.scenario.shipped import shipped_names, shipped_path
from txsim.scenario.toml_lines import Path
from txsim.scenario.without_effect import REGISTRY, rules_for

Loaded = Callable[[str], Scenario]

WORDS = ("label", "description", "grade", "evidence", "source", "note")
"""What a block may say of itself; its rule is the block's."""
OPEN: dict[str, Path] = {
    "population.shares": ("population", "shares", "fentanyl"),
    "arrivals.streams": ("arrivals", "streams"),
    "medication.assign": ("medication", "assign"),
    "effects.override": ("effects", "override", "cbt", "use"),
    "economics.prices": ("economics", "prices", "costs.overdose_event"),
    "decision.margins": ("decision", "margins", "retained_365"),
}
"""Tables whose keys are names of other things, and one such key, or the table if it is one key."""


def section_in(annotation: Any) -> type[BaseModel] | None:
    """The section that a field holds, if need be."""
    for one in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(one, type) and issubclass(one, Section):
            return one
    return None


def sections_of(model: type[BaseModel], here: Path = ()) -> Iterator[Path]:
    """Every key of the scenario's own tables."""
    for name, field in model.model_fields.items():
        path = (*here, name)
        if ".".join(map(str, path)) in OPEN or (not here and name in BLOCK_TABLES):
            continue
        if path == ("staff",):
            yield from (("staff", "counsellor", key) for key in Post.model_fields)
        elif section := section_in(field.annotation):
            yield from sections_of(section, path)
        else:
            yield path
    if not here:
        yield from OPEN.values()


def of_blocks() -> Iterator[Path]:
    """Every key of a block of a service or a role; a name of each other table."""
    for table, name in (("services", "cbt"), ("roles", "counsellor")):
        for field, info in TABLES[table].model_fields.items():
            if field in WORDS:
                continue
            key = info.alias or field
            if key == "modes":
                yield from ((table, name, key, "van", one) for one in Mode.model_fields)
            elif key in ("relieves", "links", "targets", "pays_for"):
                yield (table, name, key, "money")
            else:
                yield (table, name, key)
    for table in BLOCK_TABLES:
        if table not in ("services", "roles"):
            yield (table, next(iter(getattr(load_catalogue(), table))))


@pytest.mark.parametrize("key", [*sections_of(Scenario), *of_blocks()], ids="-".join)
def test_every_key_says_where_it_acts(key: Path) -> None:
    """A key that is added without saying so fails here."""
    told = [path for path, _, _ in rules_for(key)]

    assert told
    assert told[-1] == key


def test_every_rule_is_of_a_key_that_there_is() -> None:
    keys = {*sections_of(Scenario), *of_blocks()}
    known = load_catalogue()

    def there(pattern: Path) -> bool:
        if pattern[0] == "model":
            return pattern[1] in ("*", *known.model)
        if len(pattern) == 2 and pattern[0] in BLOCK_TABLES:
            return pattern[1] == "*"
        if pattern[:2] == ("economics", "prices"):
            return set(pattern[2:]) == {"*"}
        if pattern[0] in TABLES and pattern[0] not in ("services", "roles"):
            return pattern[2] in TABLES[pattern[0]].model_fields
        if pattern[:4] == ("services", "*", "modes", "*"):
            return len(pattern) == 4 or pattern[4] in Mode.model_fields
        if pattern == ("services", "*", "serves"):
            return True  # "for", as Python writes it
        return any(
            len(key) == len(pattern)
            and all(star in ("*", part) for star, part in zip(pattern, key, strict=True))
            for key in keys
        )

    assert [pattern for pattern in REGISTRY if not there(pattern)] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[arrivals]\ncohort = 90\n[horizon]\nfollow_up_days = 90", "5: horizon.follow_up_days"),
        ("[arrivals]\ncohort = 90\n[horizon]\nburn_in_days = 9", "5: horizon.burn_in_days"),
        ("[arrivals]\ncohort = 90\n[clinic]\ncaseload_at_start = 0.5", "5: clinic.caseload_at_st"),
        ('[horizon]\nstart = "empty"\nburn_in_days = 9', "4: horizon.burn_in_days"),
        ("[population.shares]\ncourt = 0.4", "3: population.shares.court"),
        ("[population.shares]\nunder_25 = 0.4", "3: population.shares.under_25"),
        ('[clinic.fees]\ncurrency = "EUR"', "3: clinic.fees.currency"),
        (
            '[staff.counsellor]\ncaseload = 0\n[clinic]\ncaseload_limit = "exceeded"',
            "5: clinic.caseload_limit",
        ),
        ("[staff]\nnurse = { caseload = 40 }", "3: staff.nurse.caseload"),
        ("[staff]\npsychiatrist = { posts = 1.0 }", "3: staff.psychiatrist.posts"),
        ("[staff]\ndriver = { wage_per_year = 9e4 }", "3: staff.driver.wage_per_year"),
        (
            "[staff.nurse]\nhiring_lag_days = 9\n[mechanisms]\nturnover = false",
            "3: staff.nurse.hiring_lag_days",
        ),
        (
            "[staff.nurse]\nleave_weeks_per_year = 9\n[mechanisms]\nleave = false",
            "3: staff.nurse.leave_weeks_per_year",
        ),
        ("[mechanisms]\nturnover = false\ntenure = false", "4: mechanisms.tenure"),
        ("[mechanisms]\nsupervision = false", "3: mechanisms.supervision"),
        ("[mechanisms]\nties = false\ncohesion = false", "4: mechanisms.cohesion"),
        (
            "[mechanisms]\nties = false\n[services.therapy_group]\noffered = false",
            "3: mechanisms.ties",
        ),
        (
            '[medication]\nassign = "none_opioid"\ntaper = { days = 9 }',
            "4: medication.taper.days",
        ),
        ('[medication]\nassign = "buprenorphine"\ntake_home = "strict"', "4: medication.take_home"),
        (
            '[medication]\nassign = "buprenorphine"\n[clinic]\nwhen_dosing_runs_short = "agency"',
            "5: clinic.when_dosing_runs_short",
        ),
        (
            '[medication]\nassign = "methadone"\nswitch_after_positive_urines = 3',
            "4: medication.switch_after_positive_urines",
        ),
        (
            '[medication]\nassign = "methadone"\ntake_home = "strict"\n[rules]\n'
            "telehealth_share = 0.5",
            "6: rules.telehealth_share",
        ),
        ('[plan]\npolicy = "generic"', "3: plan.policy"),
        (
            "[rules]\nreadmission_gap_days = 9\n[model]\nreadmission_gap_days = 30",
            "3: rules.readmission_gap_days",
        ),
        ("[effects.override.cbt.use]\nodds_ratio = 0.8", "2: effects.override.cbt.use"),
        ("[change]\nfrom_week = 60", "3: change.from_week"),
        ("[change]\nramp_weeks = 600", "3: change.ramp_weeks"),
        ("[services.cbt]\nminutes = 40", "2: services.cbt"),
        ("[services.dosing]\nevery_days = 2", "3: services.dosing.every_days"),
        ("[services.intake_assessment]\nuptake = 0.5", "3: services.intake_assessment.uptake"),
        (
            "[services.individual_counselling]\nseats = 4",
            "3: services.individual_counselling.seats",
        ),
        (
            "[services.individual_counselling]\nplaces = 4",
            "3: services.individual_counselling.plac",
        ),
        (
            "[services.individual_counselling]\nbudget_per_month = 4",
            "3: services.individual_counselling.budget_per_month",
        ),
        ("[services.therapy_group]\ncost_per_place_day = 4", "3: services.therapy_group.cost_per"),
        (
            '[services.transport_aid]\noffered = true\nmode = "ride"\nmodes.van.minutes = 9',
            "5: services.transport_aid.modes.van",
        ),
        (
            "[services.individual_counselling]\nmay_also = ['therapist']",
            "3: services.individual_counselling.may_also",
        ),
        ("[roles.psychiatrist]\nsick_share = 0.1", "2: roles.psychiatrist"),
        ("[roles.counsellor]\ncaseload = 9", "3: roles.counsellor.caseload"),
        ("[traits.female]\nopioid = 0.5", "3: traits.female.opioid"),
        ("[diagnoses.ptsd]\nalcohol = 0.5", "3: diagnoses.ptsd.alcohol"),
        ("[hazards.suicide]\nalcohol = 0.1", "3: hazards.suicide.alcohol"),
        (
            "[mechanisms]\nrelationships = false\n[mediators.alliance]\nspread = 2",
            "4: mediators.alliance",
        ),
        (
            "[mechanisms]\ncrises = false\n[diagnoses.ptsd]\ncrises_per_year = 2",
            "5: diagnoses.ptsd.crises_per_year",
        ),
        (
            '[economics.prices]\n"services.cbt.cost_per_session" = 9',
            "3: economics.prices.services.cbt",
        ),
        ("[economics.prices.roles.driver]\nwage_per_year = 9", "3: economics.prices.roles.driver"),
        (
            '[population.shares]\nptsd = 0.2\n[mixes."outpatient opioid programme".shares]\n'
            "ptsd = 0.5",
            "5: mixes.outpatient opioid programme.shares.ptsd",
        ),
        (
            "[clinic.waiting_list]\nsame_day_start = 0.5\n[services.same_day_start]\nuptake = 0.9",
            "5: services.same_day_start.uptake",
        ),
        ("[medications.acamprosate]\nadherence = 0.9", "2: medications.acamprosate"),
        ('[mixes."alcohol programme"]\nage_mean = 50', "2: mixes.alcohol programme"),
        ("[take_home.strict]\nclosed_days = 2", "2: take_home.strict"),
        ("[model]\nelastic_floor = 0.4", "3: model.elastic_floor"),
        ("[model]\nfee_effect = 1.2", "3: model.fee_effect"),
        ("[model]\nheavy_day_share = 0.5", "3: model.heavy_day_share"),
        ("[model]\nasks_after_jail = 0.5", "3: model.asks_after_jail"),
    ],
)
def test_what_has_no_effect_is_told_where_it_stands(loaded: Loaded, text: str, told: str) -> None:
    """Each with its line, and nothing else beside it."""
    told_of = loaded(f'extends = "baseline"\n{text}\n').warnings
    # Some of the figures are hardly plausible besides, which is told too.
    warnings = [one for one in told_of if "has no effect" in one]

    assert len(warnings) == 1
    assert warnings[0].startswith(f"mine.toml:{told}")
    assert ": has no effect " in warnings[0]


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_scenario_and_a_copy_of_it_name_nothing(name: str, loaded: Loaded) -> None:
    assert load(name).warnings == ()
    assert loaded(shipped_path(name).read_text(encoding="utf-8")).warnings == ()


def test_what_a_shipped_scenario_says_is_nobodys_mistake(loaded: Loaded, write: Any) -> None:
    """Only what stands in a planner's own files is named, wherever in them it stands."""
    write('extends = "alcohol-clinic"\n[clinic.fees]\ncurrency = "EUR"\n', "base.toml")
    (told,) = loaded('extends = "base.toml"\n[horizon]\ndays = 200\n').warnings

    assert told.startswith("base.toml:3: clinic.fees.currency")


def test_what_python_sets_is_named_and_remembered() -> None:
    once = load("baseline").with_changes(**{"staff.nurse.caseload": 40})
    twice = once.with_changes(name="twice", horizon={"days": 200})

    assert [one.rpartition("staff")[2] for one in once.warnings] == [
        ".nurse.caseload: has no effect because this role is nobody's primary counsellor"
    ]
    assert twice.warnings[0].endswith("this role is nobody's primary counsellor")
    assert twice.with_changes(**{"staff.nurse.caseload": None}).warnings == ()


def test_what_is_switched_off_needs_nothing_to_act_on(loaded: Loaded) -> None:
    """0 posts of a role that nobody asks for, no burn-in in an empty clinic, mechanisms left on."""
    text = (
        'extends = "baseline"\n[horizon]\nstart = "empty"\nburn_in_days = 0\n'
        "[staff]\npsychiatrist = { posts = 0 }\n[mechanisms]\ncrises = true\n"
        "[services.cbt]\noffered = false\n[clinic.fees]\nper_day = 0.0\n"
    )

    assert loaded(text).warnings == ()


def test_what_a_roster_says_of_everybody_needs_no_share(loaded: Loaded, write: Any) -> None:
    """A column that somebody's cell leaves open is still drawn for them."""
    write(
        "person,age,sex,substance,use_days,fentanyl,injecting\n"
        "a,30,f,opioid,20,1,1\nb,40,m,opioid,10,0,\n",
        "intake.csv",
    )
    scenario = loaded(
        'extends = "baseline"\n[population]\nroster = "intake.csv"\n'
        "[population.shares]\nfentanyl = 0.9\ninjecting = 0.9\nstigma = 0.5\n"
    )

    told = [one for one in scenario.warnings if "has no effect" in one]
    assert [one.partition(": ")[2] for one in told] == [
        "population.shares.fentanyl: has no effect because the roster says who has it",
    ]
