"""`txsim catalogue` shows what the model rests on."""

import json
from pathlib import Path

import pytest

from txsim.catalogue import load_catalogue
from txsim.cli.catalogue import KINDS
from txsim.scenario.rule_presets import rule_presets


def test_the_kinds_are_listed_with_their_size(txsim) -> None:
    told = txsim("catalogue")

    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert [line.split()[0] for line in lines[: len(KINDS)]] == list(KINDS)
    assert lines[0].split()[1] == str(len(load_catalogue().services))
    assert json.loads(txsim("catalogue", "--json").stdout)["roles"] == len(load_catalogue().roles)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_every_entry_can_be_shown(txsim, kind: str) -> None:
    elsewhere = {"costs": ["costs"], "rule_presets": list(rule_presets())}
    names = elsewhere.get(kind) or list(getattr(load_catalogue(), kind))

    listed = txsim("catalogue", kind)
    assert listed.exit_code == 0
    if kind != "costs":
        assert [line.split("  ")[0] for line in listed.stdout.splitlines()] == names
    for name in (names[0], names[-1]):
        shown = txsim("catalogue", kind, name)
        assert shown.exit_code == 0
        assert name in shown.stdout
        assert json.loads(txsim("catalogue", kind, name, "--json").stdout)


def test_an_entry_is_shown_with_numbers_grades_and_citations(txsim) -> None:
    told = txsim("catalogue", "services", "case_management").stdout
    target = load_catalogue().services["case_management"].targets["entry"]
    row = load_catalogue().evidence[target.evidence[0]]

    assert told.startswith("services.case_management: Case management\n")
    assert "targets.entry" in told
    assert f"{target.value:g} odds ratio" in told
    assert f"grade {target.grade}; {', '.join(target.evidence)}" in told
    assert f"  {row.id}: {row.quantity}\n    {row.citation}" in told
    assert f"doi:{row.doi} (checked: {row.verified})" in told


def test_an_entry_is_found_without_its_kind(txsim) -> None:
    assert txsim("catalogue", "methadone").stdout == (
        txsim("catalogue", "medications", "methadone").stdout
    )


def test_json_carries_the_evidence_too(txsim) -> None:
    entry = json.loads(txsim("catalogue", "services", "case_management", "--json").stdout)

    cited = {row["id"] for row in entry["evidence_rows"]}
    assert set(entry["targets"]["entry"]["evidence"]) <= cited


def test_a_scenarios_own_blocks_are_shown(txsim, folder: Path) -> None:
    (folder / "mine.toml").write_text(
        'extends = "baseline"\n[services.music]\nlabel = "Music"\nraises = { craving = -0.1 }\n'
    )

    told = txsim("catalogue", "services", "music", "--scenario", "mine.toml")

    assert told.exit_code == 0
    assert "raises.craving" in told.stdout
    assert "-0.1 sd units" in told.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("services", "case_managment"), 'did you mean "case_management"?'),
        (("servces", "cbt"), 'did you mean "services"?'),
        (("methadon",), 'did you mean "methadone"?'),
        (("xyzzy",), "allowed services, medications,"),
        (("services", "music", "--scenario", "nowhere.toml"), "nowhere.toml: there is no such"),
    ],
)
def test_nearest_spelling(txsim, words: tuple[str, ...], told: str) -> None:
    done = txsim("catalogue", *words)

    assert done.exit_code == 2
    assert told in done.stderr
