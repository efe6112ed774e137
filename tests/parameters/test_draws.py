"""Draws: where they come from, that all that is drawn goes through them, tables of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from txsim.catalogue import Number, load_catalogue
from txsim.catalogue.draw import CentralValues
from txsim.catalogue.vocabulary import Hazard
from txsim.compare import compare
from txsim.compare.drawn import asked_for, drawn_parameters
from txsim.errors import TxsimError
from txsim.parameters.draw import (
    CENTRE,
    HELD_AT_CENTRE,
    LUCK_PER_DRAW,
    PRIOR,
    PriorDraw,
)
from txsim.parameters.draw_source import draw_of, source_of
from txsim.parameters.draw_table import TableOfDraws, parameters_in
from txsim.parameters.posterior import posterior
from txsim.parameters.tables import parameters_of
from txsim.run import run

from ..model.small_clinics import small

ATTENDANCE = "services.individual_counselling.attendance"


def table(**columns: Any) -> TableOfDraws:
    weights = columns.pop("weight", None)
    values = {name.replace("__", "."): np.asarray(one, float) for name, one in columns.items()}
    return TableOfDraws("made up", values, None if weights is None else np.asarray(weights, float))


def test_every_four_replications_share_a_draw_of_the_seed() -> None:
    lucks = [PRIOR.luck(7, one) for one in range(9)]

    assert [one.draw.number for one in lucks] == [one // LUCK_PER_DRAW for one in range(9)]
    assert lucks[0].draw == lucks[3].draw == PriorDraw(7, 0) != lucks[4].draw
    assert PRIOR.luck(8, 0).draw != lucks[0].draw
    assert all(HELD_AT_CENTRE.luck(seed, 8).draw == CENTRE for seed in (1, 2))
    assert source_of(False, PRIOR) is HELD_AT_CENTRE
    given = [draw_of(one, 1) for one in (None, 3, CENTRE)]
    assert given == [CENTRE, posterior().draw(1, 3), CENTRE]


def test_what_is_asked_of_a_draw_stands_in_the_catalogue_under_the_same_path() -> None:
    """So a table of draws needs no names but the catalogue's."""
    numbers = dict(load_catalogue().numbers())
    allowed = {path for path, _ in parameters_in(load_catalogue())}
    noted = asked_for(small())

    assert {path for path, one in noted.numbers.items() if numbers.get(path) != one} == set()
    assert set(noted.deviates) <= allowed
    assert "clinic" in noted.deviates


def test_every_number_with_a_range_that_a_design_reads_is_drawn() -> None:
    """Held at the centre, and moved one by one by a draw that moves nothing else."""

    class Moved(CentralValues):
        def __init__(self, path: str) -> None:
            self.path, self.digest = path, path

        def value(self, path: str, number: Number) -> float:
            return number.at(1.0) if path == self.path else number.value

    still = parameters_of(small(), CENTRE)
    tables = [name for name, one in vars(still).items() if isinstance(one, np.ndarray)]
    paths = [path for path, one in asked_for(small()).numbers.items() if one.spread > 0.0]
    assert len(paths) > 300
    for path in paths[::12]:
        if path.startswith("costs.") or "wage" in path or "cost" in path:
            continue
        moved = parameters_of(small(), Moved(path))
        mixes = zip(still.mix, moved.mix, strict=True)
        assert any(
            getattr(still, name).tobytes() != getattr(moved, name).tobytes() for name in tables
        ) or any(one.tobytes() != other.tobytes() for one, other in mixes), path


def test_a_table_without_weights_is_gone_through_in_order() -> None:
    source = table(clinic=[0.1, 0.2, 0.3])

    assert [source.draw(1, one).deviate("clinic") for one in range(5)] == [0.1, 0.2, 0.3, 0.1, 0.2]
    assert source.effective_number == pytest.approx(3.0)
    assert source.draw(1, 0) != source.draw(1, 3), "what is not in the table is drawn anew"
    assert source.draw(1, 0).value(ATTENDANCE, attendance()) == pytest.approx(
        PriorDraw(1, 0).value(ATTENDANCE, attendance())
    )


def attendance() -> Number:
    return dict(load_catalogue().numbers())[ATTENDANCE]


@pytest.mark.parametrize("many", [8, 16, 24, 64])
def test_rows_come_as_often_as_their_weights_say_in_strata(many: int) -> None:
    """Whatever the number of draws, within what a van der Corput sequence can miss."""
    weights = np.array([0.5, 0.0, 0.3, 0.2])
    source = table(clinic=[0.0, 1.0, 2.0, 3.0], weight=weights)

    for seed in range(5):
        rows = Counter(source.row(seed, one) for one in range(many))
        assert rows[1] == 0
        for row, weight in enumerate(weights):
            assert abs(rows[row] - many * weight) <= 1.0 + np.log2(many)
    assert source.effective_number == pytest.approx(1.0 / (weights**2).sum())


def test_a_table_sets_the_numbers_in_force_and_nothing_else() -> None:
    own = table(**{ATTENDANCE.replace(".", "__"): [0.9, 0.4], "clinic": [0.0, 0.0]})
    found = [parameters_of(small(), own.draw(3, one)) for one in range(2)]
    row = found[0].service_names.index("individual_counselling")

    rates = [1.0 / (1.0 + np.exp(-one.services["attendance"][row])) for one in found]
    assert rates == pytest.approx([0.9, 0.4])
    assert [one.clinic_effects[0, Hazard.DROPOUT] for one in found] == [0.0, 0.0]
    prior = parameters_of(small(), PriorDraw(3, 0))
    assert np.array_equal(found[0].medication_effects, prior.medication_effects)


def test_a_number_that_a_scenario_gives_itself_is_not_the_tables() -> None:
    own = small().with_changes(
        services={"individual_counselling": {"attendance": 0.7, "grade": "D"}}
    )
    source = table(**{ATTENDANCE.replace(".", "__"): [0.1]})
    found = parameters_of(own, source.draw(1, 0))

    row = found.service_names.index("individual_counselling")
    assert 1.0 / (1.0 + np.exp(-found.services["attendance"][row])) == pytest.approx(0.7)


def test_solved_figures_and_phases_come_from_the_table_too() -> None:
    paths = {
        "medications.methadone.solved.use": -0.5,
        "medications.methadone.phases.0.solved": -5.0,
        "medications.methadone.phases": 0.0,
        "roles.counsellor.caseload": 33.0,
    }
    source = TableOfDraws("made up", {path: np.array([one]) for path, one in paths.items()})
    before, after = parameters_of(small(), CENTRE), parameters_of(small(), source.draw(1, 0))
    place = before.medication_names.index("methadone")

    assert after.medications["phase_dropout"][place][0] == pytest.approx(-5.0)
    assert after.roles["caseload"][after.role_names.index("counsellor")] == 33.0
    assert (after.medication_effects[place] != before.medication_effects[place]).any()


def test_draws_written_beside_results_give_the_same_results_again(tmp_path: Path) -> None:
    """Byte for byte, from a file and in Python; the manifest says where draws came from."""
    designs = [small(), small().with_changes(name="more", staff={"counsellor": {"posts": 3.0}})]
    first = compare(designs, replications=8, seed=5, workers=1)
    first.save(tmp_path / "first")
    again = compare(designs, 8, 5, 1, draws=tmp_path / "first" / "draws.parquet")
    again.save(tmp_path / "again")

    for name in ("outcomes.csv", "differences.csv", "curves.csv", "costs.csv", "exits.csv"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    held = pd.read_parquet(tmp_path / "first" / "draws.parquet")
    assert held["draw"].tolist() == [0, 1]
    drawn = [PriorDraw(5, one).value(ATTENDANCE, attendance()) for one in (0, 1)]
    assert held[ATTENDANCE].tolist() == drawn
    usual = posterior()
    assert first.manifest["draws_from"] == {"name": usual.name, "digest": usual.digest}
    assert again.manifest["draws_from"]["name"] == "draws.parquet"
    assert any("draws.parquet" in note for note in again.notes)
    units = pd.read_csv(tmp_path / "first" / "data_dictionary.csv").set_index("name")["unit"]
    assert set(held.columns) - {"draw"} <= set(units.index)


def test_numbers_of_one_design_have_columns_of_their_own() -> None:
    given = {"attendance": {"value": 0.7, "unit": "probability", "sd": 0.3}, "grade": "D"}
    own = small().with_changes(name="own", services={"individual_counselling": given})
    drawn = compare([small(), own], 4, workers=1).drawn

    mine = drawn[f"{ATTENDANCE}@own"].tolist()
    number = own.catalogue.services["individual_counselling"].attendance
    assert mine == [PriorDraw(1, 0).value(ATTENDANCE, number)]
    assert mine != drawn[ATTENDANCE].tolist()


def test_a_thin_table_is_told_of() -> None:
    thin = table(clinic=[0.0, 1.0, 2.0], weight=[0.98, 0.01, 0.01])
    notes = compare([small()], 8, workers=1, draws=thin).notes

    assert any("3 draws that tell as much as 1 of equal weight" in note for note in notes)


def test_the_outcomes_read_the_numbers_that_held() -> None:
    """Days that a urine looks back are drawn for the rules and for the outcome alike."""
    held = run(small(), 0, 1, draws=table(model__urine_window_days=[1.0]))
    window = held.scenario.catalogue.model["urine_window_days"]
    assert held.drawn.value("model.urine_window_days", window) == 1.0 != window.value
    assert held.draw == 0


def test_columns_that_nothing_reads_are_told() -> None:
    """Here a mix that nobody comes from; the clinic's deviate is read by every design."""
    idle = table(clinic=[0.0], mixes__dual_diagnosis__age_mean=[40.0])
    notes = compare([small()], 4, workers=1, draws=idle).notes

    told = "Nothing in these designs reads 1 column of made up: mixes.dual_diagnosis.age_mean."
    assert told in notes


def test_the_command_that_repeats_a_run_names_its_table(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("clinic\n0.1\n", encoding="utf-8")
    command = compare([small()], 4, workers=1, draws=tmp_path / "mine.csv").manifest["command"]
    assert f"--draws {tmp_path / 'mine.csv'}" in command


WRONG = {
    "a phase by itself": (
        "medications.methadone.phases.0.dropout\n0.01\n",
        "no parameter 'medications.methadone.phases.0.dropout'",
    ),
    "unknown": ("clinik\n0.1\n", "no parameter 'clinik'; did you mean 'clinic'"),
    "impossible": (f"{ATTENDANCE}\n0.5\n1.5\n", "draw 2: is no value of it (got"),
    "a word": ("clinic\nsoon\n", "draw 1: is no value of it (got 'soon'"),
    "empty": ("draw\n1\n", "holds no draws"),
    "no rows": ("clinic\n", "holds no draws"),
    "no weight": ("clinic,weight\n0.1,0\n", "no draw in it has any weight"),
    "negative weight": ("clinic,weight\n0.1,-1\n", "weight, draw 1: is no value of it"),
}


@pytest.mark.parametrize("what", WRONG)
def test_files_that_are_no_tables_of_draws(what: str, tmp_path: Path) -> None:
    text, told = WRONG[what]
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")

    with pytest.raises(TxsimError) as caught:
        TableOfDraws.read(tmp_path / "mine.csv")
    assert told in str(caught.value)
    assert "mine.csv" in str(caught.value)


@pytest.mark.parametrize("name", ["mine.parquet", "mine.csv", "missing.parquet"])
def test_files_that_are_something_else(name: str, tmp_path: Path) -> None:
    if "mine" in name:
        (tmp_path / name).write_bytes(b"PK\x03\x04\xff\xfe nothing of this kind")
    with pytest.raises(TxsimError, match=name):
        TableOfDraws.read(tmp_path / name)


def test_a_file_of_another_format_is_refused_with_who_reads_it(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    said = pa.table({"clinic": [0.1]}).replace_schema_metadata(
        {b"txsim": b'{"format": 9, "txsim": "7.0"}'}
    )
    parquet.write_table(said, tmp_path / "later.parquet")
    with pytest.raises(TxsimError, match=r"format 9 and was written by txsim 7\.0, which reads it"):
        TableOfDraws.read(tmp_path / "later.parquet")


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "missing.parquet"
    with pytest.raises(TxsimError) as caught:
        TableOfDraws.read(path)
    assert str(caught.value) == f"{path}: cannot be read (No such file or directory)"


def test_fixed_numbers_are_written_beside_results_where_a_table_moves_them() -> None:
    """A figure without a range has no column; given two values by a table, it has."""
    fixed = "model.urine_window_days"
    assert load_catalogue().model["urine_window_days"].spread == 0.0
    design = small()
    table = TableOfDraws("two rows", {fixed: np.array([2.0, 4.0])})

    assert fixed not in drawn_parameters([design], PRIOR, 1, [0, 1]).columns
    assert list(drawn_parameters([design], table, 1, [0, 1])[fixed]) == [2.0, 4.0]
    assert "clinic" in drawn_parameters([design], PRIOR, 1, [0, 1]).columns


@pytest.mark.parametrize("path", ["clinic", ATTENDANCE, "services.cbt.targets.use"])
def test_draws_of_a_number_fill_its_range_evenly(path: str) -> None:
    """Of 4 draws from a multiple of 4 on one lies in each quarter, of 16 one in each sixteenth."""
    deviates = [PriorDraw(5, number).deviate(path) for number in range(64)]
    shares = norm.cdf(deviates)
    for several in (4, 16):
        for first in range(0, 64, several):
            parts = np.floor(shares[first : first + several] * several)
            assert sorted(parts) == list(range(several))


def test_draws_of_different_numbers_and_seeds_have_nothing_to_do_with_each_other() -> None:
    """Correlations over 32 draws are hardly larger than of independent ones, 0.18; 435 pairs."""
    for of in (lambda one: (3, f"path.{one}"), lambda one: (one, "clinic")):
        deviates = [
            [PriorDraw(seed, number).deviate(path) for number in range(32)]
            for seed, path in map(of, range(30))
        ]
        between = np.corrcoef(deviates)[np.triu_indices(30, 1)]
        assert 0.14 < np.sqrt(np.mean(between**2)) < 0.23
        assert np.abs(between).max() < 0.8
        assert np.mean(between) == pytest.approx(0.0, abs=0.03)


def test_the_mean_of_few_draws_is_surer_than_that_of_independent_ones() -> None:
    """Of 12 independent draws the mean has a standard error of 0.29."""
    means = [
        np.mean([PriorDraw(seed, number).deviate("clinic") for number in range(12)])
        for seed in range(200)
    ]
    assert np.std(means) < 0.1


def test_numbers_of_a_pool_are_uncertain_together_by_as_much_as_they_share() -> None:
    def ratio(**pooled: Any) -> Number:
        return Number(value=0.9, unit="hazard ratio", sd=0.2, source="derived", **pooled)

    draws = [PriorDraw(2, number) for number in range(1024)]
    for shared in (0.25, 0.8):
        one = ratio(pool="alike", shared=shared)
        logs = [np.log([draw.value(path, one) / 0.9 for draw in draws]) for path in "ab"]
        assert np.corrcoef(logs)[0, 1] == pytest.approx(shared, abs=0.05)
        assert np.std(logs, axis=1) == pytest.approx([0.2, 0.2], abs=0.01)
    alone = np.log([draw.value("c", ratio()) / 0.9 for draw in draws])
    assert abs(np.corrcoef(alone, logs[0])[0, 1]) < 0.1
    other = np.log([draw.value("d", ratio(pool="other", shared=0.8)) / 0.9 for draw in draws])
    assert abs(np.corrcoef(other, logs[0])[0, 1]) < 0.1


def test_a_pool_and_what_is_shared_in_it_go_together() -> None:
    for half in ({"pool": "alike"}, {"shared": 0.5}):
        with pytest.raises(ValueError, match="give both a pool and the share"):
            Number(value=0.9, unit="hazard ratio", sd=0.2, source="derived", **half)
