"""What a planner reads when something is wrong: the file, the line, the path, and the way out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from txsim.scenario import Scenario

Mistakes = Callable[[str], list[str]]
Loaded = Callable[[str], Scenario]


def test_all_mistakes_are_told_at_once(mistakes: Mistakes) -> None:
    found = mistakes("""\
title = 3
extends = "baseline"
[horizn]
days = 3
[clinic]
places = -3
hours = { opens = 1730 }
[staff]
counselor = { posts = 7 }
nurse = { posts = -2, case = 3 }
[medication]
assign = { methadone = 0.6, bupernorphine = 0.4 }
[services.case_managment]
offered = true
[services.therapy_group]
seats = -4
role = "councillor"
[effects]
grades = "AC"
""")

    assert [text.partition(" (")[0] for text in found] == [
        "mine.toml:1: title: this must be text in quotation marks",
        "mine.toml:3: horizn: unknown key",
        "mine.toml:6: clinic.places: this number is too small",
        "mine.toml:7: clinic.hours.opens: this must be a time of day",
        "mine.toml:9: staff.counselor: there is no role of this name",
        "mine.toml:10: staff.nurse.posts: this number is too small",
        "mine.toml:10: staff.nurse.case: unknown key",
        "mine.toml:12: medication.assign.bupernorphine: there is no medication of this name",
        "mine.toml:13: services.case_managment: there is no entry of this name; a new one needs at "
        'least a label = "..."',
        "mine.toml:16: services.therapy_group.seats: this number is too small",
        "mine.toml:17: services.therapy_group.role: there is no such name",
        "mine.toml:19: effects.grades: this value is not known",
    ]
    assert found[4].endswith('did you mean "counsellor"?)')
    assert found[6].endswith('did you mean "caseload"?)')
    assert found[8].endswith('(did you mean "case_management"?)')
    assert found[10].endswith('(got "councillor", did you mean "counsellor"?)')
    assert found[11].endswith('(got "AC", allowed "A", "AB", "ABC" or "ABCD")')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[horizon]\ndays = 0",
            "horizon.days: this number is too small (got 0, allowed at least 1)",
        ),
        ("[horizon]\ndays = 9999999", "horizon.days: this number is too large"),
        ("[horizon]\ndays = 1.5", "horizon.days: this must be a whole number (got 1.5)"),
        ("[arrivals]\nper_week = inf", "arrivals.per_week: this must be a finite number (got inf)"),
        ("[arrivals]\nper_week = true", "arrivals.per_week: this must be a number (got true)"),
        ("[arrivals]\ncohort = 0", "arrivals.cohort: this number is too small"),
        (
            "[arrivals]\ncohort = 9\nper_week = 3.0",
            "arrivals.cohort: cohort and per_week exclude each other; keep one",
        ),
        (
            "[arrivals]\nstreams = { self = 0.5, court = 0.4 }",
            "arrivals.streams: the shares must sum to 1 (got 0.9)",
        ),
        (
            "[arrivals]\nstreams = { self = 0.5, cuort = 0.5 }",
            'did you mean "court"?',
        ),
        (
            "[population]\nshares = { fentanyl = 1.2 }",
            "population.shares.fentanyl: this number is too large (got 1.2, allowed at most 1)",
        ),
        ("[population]\nshares = { severity = 0.5 }", "population.shares.severity: there is no"),
        (
            "[population]\ndistance_km = { median = 20.0, p90 = 10.0 }",
            "population.distance_km.p90: nine in ten people cannot live nearer than half of them "
            "(got 10, allowed more than the median, 20)",
        ),
        ("[population]\ndistance_km = { median = 2.0 }", "population.distance_km.p90: this key is"),
        ('[population]\nmix = "rural"', 'did you mean "rural opioid programme"?'),
        (
            '[clinic]\nhours = { opens = "24:00", closes = 08:00:00 }',
            'clinic.hours.opens: this must be a time of day (got "24:00", allowed a time such as '
            "17:30:00, without quotation marks)",
        ),
        (
            '[clinic]\nhours = { opens = 09:00:00, closes = "25:00" }',
            'clinic.hours.closes: this must be a time of day (got "25:00", allowed a time such as '
            '17:30:00, without quotation marks, or "24:00")',
        ),
        (
            "[clinic]\nopen_days = []",
            "clinic.open_days: the clinic needs a day on which it is open",
        ),
        ('[clinic]\nopen_days = ["mon", "mon"]', "clinic.open_days: a day is named twice"),
        ('[clinic]\nopen_days = ["mo"]', 'clinic.open_days[1]: this value is not known (got "mo"'),
        ('[clinic]\ncapacity = "soft"', 'got "soft", allowed "hard" or "elastic"'),
        ("[clinic]\nwaiting_list = { same_day_start = 2.0 }", "this number is too large"),
        ("[staff]\nnurse = 3", "staff.nurse: this must be a table (got 3)"),
        ("staff = 3", "staff: this must be a table (got 3)"),
        (
            "[medication]\nassign = { methadone = 0.6, buprenorphine = 0.6 }",
            "medication.assign: the shares for opioid must sum to 1 (got 1.2)",
        ),
        (
            '[medication]\nassign = "acamprosate"',
            "medication.assign: nobody in this population comes for alcohol (got acamprosate)",
        ),
        ('[medication]\nassign = "metadone"', 'did you mean "methadone"?'),
        ("[medication]\nassign = 3", "medication.assign: this must be a table (got 3)"),
        (
            "[services.dosing]\noffered = false",
            "mine.toml:3: services.dosing.offered: methadone is assigned, and given at these "
            "visits; they must be offered",
        ),
        (
            '[medication]\ntake_home = "rules"',
            "medication.take_home: there is no take-home rule set",
        ),
        (
            "[[medication.take_home]]\nfrom_day = 3\ndays_per_visit = 2",
            "medication.take_home: the first must start on day 0",
        ),
        (
            "[[medication.take_home]]\nfrom_day = 3",
            "medication.take_home[1].days_per_visit: this key is needed",
        ),
        ('[plan]\npolicy = "mached"', 'did you mean "matched"?'),
        (
            "[effects.override.case_management.dropout]\nhazard_ratio = 0.8\nrange = [0.9, 1.1]",
            "effects.override.case_management.dropout.range: the limits must rise and hold the "
            "figure between them (got 0.8 in 0.9 to 1.1)",
        ),
        (
            "[effects.override.case_management.dropout]\nhazard_ratio = 0.8\nrisk_ratio = 0.8",
            "exactly one ratio or difference is needed",
        ),
        (
            "[effects.override.case_management.dropout]\nodds_ratio = 0.8",
            "effects.override.case_management.dropout.odds_ratio: unit 'odds ratio' does not fit",
        ),
        ("[effects.override.case_managment.dropout]\nhazard_ratio = 0.8", "there is no service of"),
        (
            "[effects.override.case_management.jail]\nhazard_ratio = 0.8",
            "effects.override.case_management.jail: the service has no way to act on this",
        ),
        ("[economics.prices]\nnuse = 3.0", "economics.prices.nuse: there is no price of this name"),
        ("[economics.prices]\nurine_test = -3.0", "economics.prices.urine_test: this number is"),
        ("[traits.tall]\nlabel = 'Tall'", "traits.tall: there is no entry of this name"),
        (
            "[services.case_management]\noffered = true\ntargets = { entry = 1.5, dropout = 0.5 }",
            "mine.toml:4: services.case_management.targets.dropout: the effect of case_management "
            "on dropout is stronger than alliance can carry: it would have to move by 7.",
        ),
        (
            "[effects.override.individual_counselling.dropout]\nhazard_ratio = 0.5",
            "effects.override.individual_counselling.dropout: the effect is stronger than all "
            "services together may have on leaving; choose a weaker effect, or lower "
            "model.psychosocial_cap (got hazard ratio 0.5, allowed 0.6 or more)",
        ),
        (
            "[mediators.alliance]\nceiling = 0.3",
            "mine.toml:3: mediators.alliance.ceiling: the effect of individual_counselling on "
            "dropout is stronger than alliance can carry: it would have to move by 0.78 sd units, "
            "and all services together may move it by 0.3; choose a weaker effect, or raise "
            "mediators.alliance.ceiling (got hazard ratio ",
        ),
        (
            "[services.new]\nlabel = 'New'\nkind = 'practice'\noffered = true\n"
            "through = ['symptoms:depression']\ntargets = { 'symptoms:depression' = -2.0 }",
            "or raise diagnoses.depression.symptom_ceiling "
            "(got standardised mean difference -2, allowed -1.5 to 0)",
        ),
        (
            "[mediators.hope]\nlabel = 'Hope'\nceiling = 1.0\neffects = { dropout = 0.9 }\n"
            "[services.new]\nlabel = 'New'\nkind = 'practice'\noffered = true\n"
            "through = ['hope', 'missed_visits']\n"
            "targets = { dropout = 0.95, entry = 1.1 }",
            "services.new.through: none of these channels moves the target 'entry'",
        ),
        (
            "[mediators.hope]\nlabel = 'Hope'\nceiling = 1.0\n"
            "effects = { dropout = 0.9, attendance = 1.1 }\n"
            "[mediators.trust]\nlabel = 'Trust'\nceiling = 1.0\n"
            "effects = { dropout = 0.9, attendance = 1.1 }\n"
            "[services.new]\nlabel = 'New'\nkind = 'practice'\noffered = true\n"
            "through = ['hope', 'trust']\ntargets = { dropout = 0.95, attendance = 1.2 }",
            "services.new.through: these channels cannot produce these targets together; name "
            "other channels (got hope, trust for dropout, attendance)",
        ),
        ("[model]\nclinic_ds = 0.5", 'did you mean "clinic_sd"?'),
        ("[model]\nclinic_sd = { value = 1, size = 1 }", "model.clinic_sd.size: unknown key"),
        (
            '[services.cbt]\nminutes = { value = 0.75, unit = "hours" }',
            "services.cbt.minutes: unit 'hours' does not fit here (allowed: minutes)",
        ),
        (
            "[services.cbt]\nminutes = { value = 45, low = 30, high = 60 }",
            "services.cbt.minutes: a figure that is held fixed has a value and a unit, and nothing "
            "else (got low, high besides)",
        ),
        (
            '[roles.counsellor]\ncaseload = { unit = "people" }',
            "roles.counsellor.caseload: this must be a number (got a table)",
        ),
        (
            "[roles.counsellor]\ncaseload = { value = -3 }",
            "roles.counsellor.caseload: this number is too small (got -3, allowed at least 0)",
        ),
        (
            "[roles.counsellor]\ncaseload = [50]",
            "roles.counsellor.caseload: this must be a number (got a list)",
        ),
        (
            "[services.therapy_group]\nseats = 12.5",
            "services.therapy_group.seats: this must be a whole number (got 12.5)",
        ),
        (
            "[staff]\nnurse = { caseload = { value = 3 } }",
            "staff.nurse.caseload: this must be a number (got a table)",
        ),
        (
            "[economics]\nprices = { hiring = { value = 300 } }",
            "economics.prices.hiring: this must be a number (got a table)",
        ),
    ],
)
def test_one_mistake_gives_one_message(mistakes: Mistakes, text: str, told: str) -> None:
    found = mistakes(f'extends = "baseline"\n{text}\n')

    assert len(found) == 1, found
    assert found[0].startswith("mine.toml:")
    assert told in found[0]


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("attendance = 1.4", "services.new.attendance: a probability must lie between 0 and 1"),
        ("attendence = 0.4", "services.new.attendence: unknown key (allowed label, "),
        ('kind = "group"', "services.new.seats: a group needs seats"),
        ("minutes = -1", "services.new.minutes: this number is too small"),
        ('role = "therapst"', "services.new.role: there is no such name"),
        ('role = "therapist"\nmay_also = ["nurs"]', 'did you mean "nurse"?'),
        (
            'role = "nurse"\nmay_also = ["nurse", "driver"]',
            "services.new.may_also: this is the role that gives it anyway",
        ),
        ('role = "nurse"\nmay_also = ["driver", "driver"]', "may_also: names a role twice"),
        ('may_also = ["driver"]', "may_also: only sessions and groups that a role gives"),
        (
            'role = "nurse"\nkind = "support"\nmay_also = ["driver"]',
            "may_also: only sessions and groups that a role gives",
        ),
        ("raises = { social_suport = 0.1 }", 'did you mean "social_support"?'),
        ("relieves = { transprt = 0.1 }", 'did you mean "transport"?'),
        ("links = { cbtt = 2 }", 'did you mean "cbt"?'),
        ("targets = { relapse = 0.5 }\nthrough = ['alliance']", "unknown hazard 'relapse'"),
        ("targets = { dropout = 0.5 }", "services.new.through: needs one channel for each of"),
        ('for = "borderline"', "services.new.for: there is no group of people or phase of care"),
        ('for = ["ptsd", "nobody"]', 'got "nobody"'),
        ('mode = "van"', "services.new.mode: 'van' is given, but there are no modes"),
        ('grade = "A"\nattendance = 0.5', "an assumption has grade D"),
        ("evidence = ['nobody2020']\nattendance = 0.5", "services.new.attendance.evidence: there"),
    ],
)
def test_a_new_block_is_checked_like_a_shipped_one(
    mistakes: Mistakes, block: str, told: str
) -> None:
    found = mistakes(f'extends = "baseline"\n[services.new]\nlabel = "New"\n{block}\n')

    assert len(found) == 1, found
    assert found[0].startswith("mine.toml:")
    assert told in found[0]


def test_nobody_stands_in_at_intakes(mistakes: Mistakes) -> None:
    found = mistakes("""\
extends = "baseline"
[services.intake_assessment]
may_also = ["nurse"]
""")

    assert len(found) == 1
    assert "services.intake_assessment.may_also: intakes are held by their own role" in found[0]


def test_one_bad_block_does_not_hide_its_other_mistakes(mistakes: Mistakes) -> None:
    found = mistakes("""\
extends = "baseline"
[services.music]
label = "Music"
kind = "group"
role = "musician"
targets = { dropout = 0.8 }
raises = { joy = 0.1 }
""")

    assert {text.split(": ")[1] for text in found} == {
        "services.music.seats",
        "services.music.role",
        "services.music.through",
        "services.music.raises",
    }


def test_a_mix_with_another_substance_needs_medication_for_it(mistakes: Mistakes) -> None:
    found = mistakes('extends = "baseline"\n[population]\nmix = "dual diagnosis programme"\n')

    assert len(found) == 1
    assert "baseline.toml:" in found[0], "the file that set the shares is named"
    assert (
        "medication.assign: no medication is assigned to the people who come for alcohol"
        in found[0]
    )


def test_a_roster_must_be_there_and_stay_in_the_folder(mistakes: Mistakes, folder: Path) -> None:
    start = 'extends = "baseline"\n[population]\nroster = '

    assert mistakes(f'{start}"people.csv"')[0] == (
        "mine.toml:3: population.roster: there is no such file beside the scenario "
        '(got "people.csv")'
    )
    assert "leaves the folder" in mistakes(f'{start}"../people.csv"')[0]


def test_mix_and_roster_exclude_each_other_in_one_file(mistakes: Mistakes) -> None:
    found = mistakes('[population]\nmix = "alcohol programme"\nroster = "people.csv"\n')

    assert "mine.toml:3: population.roster: mix and roster exclude each other; keep one" in found


def test_mistakes_in_the_roster_come_with_those_in_the_scenario(
    mistakes: Mistakes, folder: Path
) -> None:
    (folder / "people.csv").write_text("person,age,sex,substance\na,old,female,opioid\n")

    found = mistakes(
        'extends = "baseline"\n[clinic]\nplaces = -1\n[population]\nroster = "people.csv"\n'
    )

    assert [text.split(" (got")[0].split(" in digits")[0] for text in found] == [
        "mine.toml:3: clinic.places: this number is too small",
        "people.csv:2: column 2 (age): this must be a number",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[clinic]\nplaces = 0",
            "mine.toml:3: clinic.places: a clinic without treatment slots treats nobody",
        ),
        ("[arrivals]\nper_week = 0.0", "mine.toml:3: arrivals.per_week: nobody asks for treatment"),
        (
            "[arrivals]\ncohort = 900",
            "mine.toml:3: arrivals.cohort: more people than treatment slots",
        ),
        (
            "[staff]\nnurse = { posts = 0.0 }",
            "services.dosing: offered, but there is no nurse post to give it",
        ),
        (
            "[staff]\nnurse = { posts = 1.0, minutes_per_week = 0 }",
            "staff.nurse.minutes_per_week: these posts have no minutes",
        ),
        (
            "[services.therapy_group]\nseats = 900",
            "mine.toml:3: services.therapy_group.seats: more seats (900) than people (",
        ),
        (
            "[services.therapy_group]\nsessions_per_week = 0",
            "services.therapy_group.sessions_per_week: 0 means one group every every_days days",
        ),
        (
            '[medication]\nassign = "none_opioid"\ndose = 0.5',
            "medication.dose: has no effect because nobody is given methadone or buprenorphine",
        ),
        (
            "[medication]\ntaper = { from_day = 9 }",
            "medication.taper.from_day: has no effect because days = 0 means that there is no",
        ),
        (
            "[medication]\ntaper = { from_day = 900, days = 9 }",
            "medication.taper.from_day: the taper begins after the last day simulated",
        ),
        ("[change]\nfrom_week = 200", "change.from_week: the change begins after the last day"),
        ('[economics]\ncurrency = "EUR"', "prices that are not replaced are still in USD"),
        (
            '[clinic]\nfees = { per_day = 3.0, currency = "EUR" }',
            "clinic.fees.currency: all other money is in USD",
        ),
    ],
)
def test_what_is_odd_but_allowed_only_warns(loaded: Loaded, text: str, told: str) -> None:
    scenario = loaded(f'extends = "baseline"\n{text}\n')

    assert any(told in warning for warning in scenario.warnings), scenario.warnings


def test_a_target_out_of_reach_matters_only_where_the_service_is_offered(loaded: Loaded) -> None:
    scenario = loaded(
        'extends = "baseline"\n[services.dbt]\noffered = false\ntargets = { use = 0.01 }\n'
    )

    assert scenario.catalogue.services["dbt"].targets["use"].value == 0.01


def test_an_effect_just_within_what_is_allowed_is_accepted(
    mistakes: Mistakes, loaded: Loaded
) -> None:
    text = 'extends = "baseline"\n[effects.override.individual_counselling.dropout]\n'
    (told,) = mistakes(f"{text}hazard_ratio = 0.5\n")
    allowed = float(told.partition("allowed ")[2].split()[0])

    assert 0.5 < allowed < 1.0
    assert loaded(f"{text}hazard_ratio = {allowed}\n").warnings == ()
    assert len(mistakes(f"{text}hazard_ratio = {allowed - 0.002}\n")) == 1


def test_the_shipped_baseline_has_no_warnings(loaded: Loaded) -> None:
    assert loaded('extends = "baseline"').warnings == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[economics.prices.costs]\nroom_per_group = 20\nfringe = 30.0",
            "mine.toml:3: economics.prices.costs.fringe: a proportion must lie between 0 and 1 "
            "(got 30.0)",
        ),
        (
            "[economics.prices.medications]\nmethadon = { cost_per_day = 3 }",
            "mine.toml:2: economics.prices.medications.methadon.cost_per_day: there is no price",
        ),
        (
            '[economics.prices]\n"costs.fringe" = 30.0',
            "mine.toml:2: economics.prices.costs.fringe: a proportion must lie between 0 and 1",
        ),
    ],
)
def test_a_price_is_told_in_its_own_line_however_it_is_written(
    mistakes: Mistakes, text: str, told: str
) -> None:
    (mistake,) = mistakes(text)

    assert mistake.startswith(told)
    assert mistake.count("got") == 1


@pytest.mark.parametrize("value", ["{}", "[[]]", "[{}]", "3", "[3]", "true", "1979-05-27"])
def test_something_else_in_place_of_a_name(mistakes: Mistakes, value: str) -> None:
    told = mistakes(f"services.medical_management.for = {value}")

    assert all(one.startswith("mine.toml:1: services.medical_management.for") for one in told)


def test_an_empty_table_is_no_price(mistakes: Mistakes) -> None:
    (told,) = mistakes("economics.prices.urine_test = {}")

    assert told.startswith("mine.toml:1: economics.prices.urine_test: this must be a number")
