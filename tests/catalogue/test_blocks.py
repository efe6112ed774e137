"""Blocks as a planner writes them: short ones work, wrong ones are explained."""

import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from txsim.catalogue import (
    Diagnosis,
    Medication,
    Mix,
    Number,
    Role,
    Service,
    TakeHome,
    field_descriptions,
    load_catalogue,
)
from txsim.errors import CatalogueError

MUSIC_THERAPY = """
label = "Music therapy"
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


def test_one_block_is_a_service() -> None:
    service = Service.model_validate(tomllib.loads(MUSIC_THERAPY))
    support = service.raises["social_support"]
    assert (support.value, support.unit, support.grade) == (0.03, "sd units", "D")
    assert support.source == "assumption"
    assert (service.fades_over_days.value, service.fades_over_days.unit) == (30.0, "days")
    assert service.groups_per_week == 1.0
    assert not service.offered


def test_one_block_is_a_diagnosis_and_a_role() -> None:
    gambling = Diagnosis.model_validate(
        {"label": "Gambling disorder", "opioid": 0.08, "effects": {"dropout": 1.2}}
    )
    assert gambling.opioid.unit == "proportion"
    assert gambling.effects["dropout"].unit == "hazard ratio"
    assert gambling.effects["dropout"].strength == "D"
    herbalist = Role.model_validate({"label": "Music therapist", "wage_per_year": 52000})
    assert herbalist.wage_per_year.unit == "USD per year"


def test_bare_numbers_take_the_evidence_of_their_block() -> None:
    service = Service.model_validate(
        {
            "label": "Yoga",
            "evidence": ["grant2017-mbrp-craving"],
            "grade": "C",
            "targets": {
                "use": 0.9,
                "symptoms:anxiety": -0.2,
                "dropout": {"value": 0.95, "sd": 0.1},
            },
            "through": ["coping_skill", "symptoms:anxiety", "alliance"],
        }
    )
    for target in service.targets.values():
        assert target.evidence == ("grant2017-mbrp-craving",)
        assert target.grade == "C"
    assert [one.unit for one in service.targets.values()] == [
        "odds ratio",
        "standardised mean difference",
        "hazard ratio",
    ]


def test_full_numbers_keep_their_own_source() -> None:
    own = {"value": 0.9, "unit": "odds ratio", "source": "local assumption"}
    service = Service.model_validate(
        {"label": "Yoga", "source": "derived", "targets": {"use": own}, "through": ["craving"]}
    )
    assert service.targets["use"].source == "local assumption"


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"targets": {"drpout": 0.9}}, "targets", "did you mean 'dropout'"),
        ({"targets": {"use": 0.9}}, "", "one channel for each of the 1 targets"),
        ({"through": ["alliance"]}, "", "no target"),
        ({"through": ["alliance", "alliance"], "targets": {"use": 0.9, "dropout": 1}}, "", "twice"),
        (
            {
                "targets": {"use": {"value": 0.9, "unit": "hazard ratio"}},
                "through": ["coping_skill"],
            },
            "targets",
            "'hazard ratio' does not fit here",
        ),
        ({"attendance": {"value": 0.5, "unit": "days"}}, "attendance", "allowed: probability"),
        ({"attendance": 1.2}, "attendance", "between 0 and 1"),
        ({"minutes": -5}, "minutes", "greater than or equal to 0"),
        ({"raises": {"alliance": {"value": 1, "unit": "days"}}}, "raises", "alliance: unit"),
        ({"sessions": 3}, "sessions", "Extra inputs"),
        ({"kind": "group"}, "", "a group needs seats"),
        ({"mode": "van"}, "", "there are no modes"),
        ({"modes": {"van": {"label": "Van", "factor": 1.0}}}, "", "is none of van"),
        ({"from_day": 30, "until_day": 10}, "", "comes before from_day"),
        ({"for": "nobody"}, "for", "assessed need"),
        ({"phase": "later"}, "phase", "aftercare"),
        ({"targets": 0.9}, "targets", "valid dictionary"),
        ({"raises": 0.9}, "raises", "valid dictionary"),
    ],
)
def test_wrong_services_are_explained(change: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Service.model_validate({"label": "Yoga", **change})
    found = caught.value.errors()
    assert any(words in one["msg"] for one in found), found
    assert any((str(one["loc"][0]) if one["loc"] else "") == place for one in found), found


def test_loadings_of_a_diagnosis_are_correlations() -> None:
    with pytest.raises(ValidationError, match="more than 1"):
        Diagnosis.model_validate(
            {"label": "X", "loadings": {"internalising": 0.8, "externalising": 0.8}}
        )
    with pytest.raises(ValidationError, match="unknown latent factor 'internalizing'; did you"):
        Diagnosis.model_validate({"label": "X", "loadings": {"internalizing": 0.4}})


def test_steps_of_take_home_rules_rise() -> None:
    step = {"from_day": 5, "days_per_visit": 7}
    with pytest.raises(ValidationError, match="start on day 0"):
        TakeHome.model_validate({"label": "X", "steps": [step]})
    with pytest.raises(ValidationError, match="clean urines"):
        TakeHome.model_validate({"label": "X", "steps": [{**step, "from_day": 0, "clean": True}]})


def test_phases_of_a_medication_rise() -> None:
    methadone = load_catalogue().medications["methadone"]
    table = methadone.model_dump()
    table["phases"] = table["phases"][::-1]
    with pytest.raises(ValidationError, match="start on day 0"):
        Medication.model_validate(table)


def test_distances_of_a_mix_rise() -> None:
    table = next(iter(load_catalogue().mixes.values())).model_dump()
    table["distance_p90_km"] = table["distance_median_km"]
    with pytest.raises(ValidationError, match="must be larger"):
        Mix.model_validate(table)


def test_entries_are_added_without_touching_the_shipped_ones() -> None:
    shipped = load_catalogue()
    service = Service.model_validate(tomllib.loads(MUSIC_THERAPY))
    more = shipped.with_entries(services={"music_therapy": service})
    assert list(more.services)[-1] == "music_therapy"
    assert "music_therapy" not in shipped.services
    assert more.changed == {("services", "music_therapy")}
    assert more.reference_problems() == []
    assert "services.music_therapy.raises.social_support" in dict(more.numbers())


def test_names_that_do_not_exist_are_told_with_the_nearest() -> None:
    service = Service.model_validate(
        {
            "label": "X",
            "role": "theropist",
            "relieves": {"transprt": 0.2},
            "only_for": ["ptds"],
            "targets": {"jail": 0.9},
            "through": ["alliance"],
            "evidence": ["nobody2020"],
        }
    )
    problems = load_catalogue().with_entries(services={"x": service}).reference_problems()
    told = {one.path: (one.got, one.suggestion) for one in problems}
    assert told["services.x.role"] == ("'theropist'", "therapist")
    assert told["services.x.relieves"] == ("'transprt'", "transport")
    assert told["services.x.only_for"] == ("'ptds'", "ptsd")
    assert told["services.x.through"][0] == "alliance"
    assert told["services.x.targets.jail.evidence"][0] == "'nobody2020'"


def test_wrong_additions_are_refused() -> None:
    catalogue = load_catalogue()
    service = next(iter(catalogue.services.values()))
    with pytest.raises(CatalogueError, match="no table 'srvices'"):
        catalogue.with_entries(srvices={"x": service})
    with pytest.raises(CatalogueError, match="must be a Role"):
        catalogue.with_entries(roles={"x": service})
    with pytest.raises(CatalogueError, match="no such name"):
        catalogue.with_entries(traits={"tall": catalogue.traits["female"]})
    with pytest.raises(CatalogueError, match="no such name"):
        catalogue.with_entries(model={"gravity": catalogue.model["early_days"]})


def test_numbers_of_the_model_can_be_replaced() -> None:
    catalogue = load_catalogue()
    fixed = Number.model_validate({"value": 0.0, "unit": "score", "source": "local assumption"})
    assert catalogue.with_entries(model={"clinic_sd": fixed}).model["clinic_sd"].value == 0.0
    assert catalogue.model["clinic_sd"].value > 0.0


def test_schema_describes_fields_and_allows_bare_numbers() -> None:
    properties = Service.model_json_schema()["properties"]
    assert properties["minutes"]["description"].startswith("Minutes of the role")
    bare = {"type": "number", "minimum": 0.0, "maximum": 1.0}
    assert bare in properties["attendance"]["anyOf"]
    assert "for" in properties
    assert "dropout" in str(properties["targets"]["propertyNames"])
    assert (
        "dropout" in Diagnosis.model_json_schema()["properties"]["effects"]["propertyNames"]["enum"]
    )


def test_every_field_is_described() -> None:
    for kind in (Service, Diagnosis, Medication, Mix, Role, Number, TakeHome):
        assert set(field_descriptions(kind)) == set(kind.model_fields), kind
