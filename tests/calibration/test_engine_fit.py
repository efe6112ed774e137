"""The fit of the engine: what is compared, what is simulated and kept, and what is refused.

What needs the extra `fit` is left out where it is not installed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "experiments" / "calibration"
if str(FOLDER) not in sys.path:
    sys.path.append(str(FOLDER))

import arms  # noqa: E402
import engine_numbers  # noqa: E402
import ship  # noqa: E402
import simulated  # noqa: E402
import summaries  # noqa: E402
from trial_data import LENGTH, Trial  # noqa: E402

METHADONE = arms.WHO[0]
AT = {name: place for place, name in enumerate(summaries.NAMES)}


def trial(urines: list[list[int]], weeks: list[int], left: list[bool]) -> Trial:
    """People of the first arm by hand; a urine of -1 is a visit missed."""
    urine = np.full((len(urines), LENGTH), -1)
    for row, one in enumerate(urines):
        urine[row, : len(one)] = one
    nobody = np.zeros((len(urines), 4))
    return Trial(
        np.zeros(len(urines), int), np.zeros(len(urines), int), nobody, np.array(weeks),
        np.array(left), urine >= 0, urine, np.full(urine.shape, np.nan),
    )  # fmt: skip


def test_figures_worked_by_hand() -> None:
    """One stays and is negative, one leaves after week 5, always positive, with a visit missed."""
    found = summaries.summaries(trial([[0] * LENGTH, [1, 1, -1, 1, 1]], [LENGTH, 5], [False, True]))

    def share(part: int, whole: int) -> float:
        return (part + 0.5) / (whole + 1.0)

    assert found[AT["in care after 4 weeks"]] == pytest.approx(share(2, 2))
    assert found[AT["in care after 8 weeks"]] == pytest.approx(share(1, 2))
    assert found[AT["positive, weeks 1-3"]] == pytest.approx(share(2, 5))
    assert found[AT["positive after positive"]] == pytest.approx(share(2, 2))
    assert found[AT["positive after negative"]] == pytest.approx(share(0, 23))
    assert found[AT["attended, weeks 1-3"]] == pytest.approx(share(5, 6))
    # left in one of three positive weeks, and in none of the 22 negative ones
    assert found[AT["log ratio of leaving: positive"]] == pytest.approx(
        np.log(share(1, 3) / share(0, 22))
    )


def test_settings_are_what_was_held_before_moved() -> None:
    still = engine_numbers.values_of(np.zeros(len(engine_numbers.NAMES)), METHADONE)
    for path in engine_numbers.SHIPPED:
        whole = still[path] * np.exp(engine_numbers.offset_of(path))
        assert whole == pytest.approx(engine_numbers.believed()[path])

    moved = np.zeros(len(engine_numbers.NAMES))
    for name in ("model.regular_use_dropout", "Methadone: leaving, later"):
        moved[engine_numbers.NAMES.index(name)] = np.log(2.0)
    values = engine_numbers.values_of(moved, METHADONE)
    path = "model.regular_use_dropout"
    assert values[path] == pytest.approx(2.0 * still[path])
    first, later = (f"medications.methadone.phases.{k}.solved" for k in (0, 1))
    assert values[first] == still[first]
    assert values[later] == pytest.approx(still[later] + np.log(2.0))
    others = engine_numbers.values_of(moved, arms.WHO[1])
    other = "medications.buprenorphine.phases.1.solved"
    assert others[other] == pytest.approx(
        engine_numbers.values_of(0 * moved, arms.WHO[1])[
            "medications.buprenorphine.phases.1.solved"
        ]
    )


def test_the_prior_is_the_first_stage_with_twice_its_spread() -> None:
    draws = engine_numbers.first_stage()
    covariance = engine_numbers.prior_covariance(draws)
    name = "medications.methadone.effects.regular_use_begins"
    place = engine_numbers.NAMES.index(name)

    assert np.sqrt(covariance[place, place]) == pytest.approx(2.0 * np.log(draws[name]).std())
    assert (np.linalg.eigvalsh(covariance) > 0.0).all()


TINY = simulated.Plan(settings=12, checks=2, people=12, seed=4)


def test_simulated_arms_are_kept_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        arms, "WHO", tuple(arms.Arm(a.name, a.age, a.shares, a.detoxified, 12) for a in arms.WHO)
    )
    lived: list[Any] = []

    def counted(arm: arms.Arm, people: int, setting: Any, *luck: int) -> Trial:
        lived.append(arm.name)
        return made(len(lived))

    def made(many: int) -> Trial:
        return trial([[many % 2] * LENGTH, [0, 1]], [LENGTH, 2], [False, True])

    monkeypatch.setattr(simulated, "lived", counted)
    first = simulated.simulate(tmp_path, TINY, 1)
    assert first[simulated.DESIGN]["found"].shape == (12, 4, len(summaries.NAMES))
    assert len(lived) == (12 + 2) * 4

    simulated.file_of(tmp_path, simulated.DESIGN, simulated.BLOCK).unlink()
    again = simulated.simulate(tmp_path, TINY, 1)
    assert len(lived) == (12 + 2) * 4 + 2 * 4, "only the missing block is done again"
    assert (again[simulated.DESIGN]["settings"] == first[simulated.DESIGN]["settings"]).all()

    other = simulated.Plan(settings=12, checks=2, people=12, seed=5)
    simulated.simulate(tmp_path, other, 1)
    assert len(lived) == 2 * (12 + 2) * 4 + 2 * 4, "of another plan nothing is taken over"


def test_an_arm_leaves_what_a_trial_records() -> None:
    values = engine_numbers.values_of(np.zeros(len(engine_numbers.NAMES)), METHADONE)
    seen = arms.lived(METHADONE, 150, arms.Setting(values), 0, 3)

    assert seen.size > 140, "nearly all begin, since they are enrolled"
    assert (seen.weeks[~seen.left] == LENGTH).all()
    here = summaries.in_care_by_week(seen)
    assert (seen.attended & here).sum() / here.sum() == pytest.approx(0.82, abs=0.08)
    assert (seen.attended == (seen.urine >= 0)).all()
    assert seen.covariates[:, 1].mean() == pytest.approx(0.71, abs=0.1), "men"
    again = arms.lived(METHADONE, 150, arms.Setting(values), 0, 3)
    assert (again.urine == seen.urine).all()


def test_an_emulator_finds_a_smooth_world_again() -> None:
    pytest.importorskip("sklearn")
    import emulator

    luck = np.random.default_rng(5)
    many = len(engine_numbers.NAMES)
    settings = 0.5 * luck.standard_normal((150, many))
    place = engine_numbers.of_arm(METHADONE)[:2]

    def world(x: Any) -> Any:
        one, other = x[..., place[0]], x[..., place[1]]
        figures = np.arange(1, len(summaries.NAMES) + 1) / 10.0
        return (one + np.tanh(2.0 * other))[..., None] * figures

    noise = 0.05 * luck.standard_normal((150, len(summaries.NAMES)))
    found = emulator.learn_arm(0, settings, world(settings) + noise)
    fresh = 0.4 * luck.standard_normal((40, many))
    errors = np.array([found.means(one) for one in fresh]) - world(fresh)
    assert np.abs(errors).mean() < 0.06
    assert (found.unknown > 0.0).all()


def test_what_is_refused() -> None:
    pytest.importorskip("numpyro")
    pytest.importorskip("sklearn")
    import fit_engine

    even = (np.arange(40)[:, None] + 0.5) / 40.0 * np.ones(len(engine_numbers.NAMES))
    assert not fit_engine.what_fails_of_ranks(even)
    skewed = even.copy()
    skewed[:, 3] = even[:, 3] ** 4
    assert engine_numbers.NAMES[3] in fit_engine.what_fails_of_ranks(skewed)[0]
    assert "hold 100 %" in fit_engine.what_fails_of_ranks(0.3 + 0.4 * even)[0]
    right = np.random.default_rng(1).standard_normal((40, 4, len(summaries.NAMES)))
    assert not fit_engine.what_fails_of_emulator(right)
    right[:, 2] *= 1.5
    assert "Inpatient BUP: the emulator errs by 1.49" in fit_engine.what_fails_of_emulator(right)[0]


def test_a_fit_begins_where_it_began_before_and_not_at_what_was_fitted() -> None:
    """Every number that is shipped has its centre of the prior on file; a dose's effects whole."""
    assert set(engine_numbers.believed()) == set(engine_numbers.SHIPPED)
    path = "model.regular_use_dropout"
    assert engine_numbers.believed()[path] != engine_numbers.centres()[path].value


def test_what_is_shipped_keeps_the_correlations() -> None:
    luck = np.random.default_rng(2)
    root = np.tril(luck.normal(size=(len(engine_numbers.SHIPPED),) * 2)) * 0.1
    drawn = luck.standard_normal((2000, len(root))) @ root.T
    rows = ship.in_order(drawn)
    assert len(set(rows.tolist())) == ship.ROWS
    table = ship.table_of(drawn)
    for k, path in enumerate(engine_numbers.SHIPPED):
        kept = engine_numbers.working(path, table[path][rows])
        middle = engine_numbers.start(path) + drawn[:, k].mean()
        if engine_numbers.has_offset(path):
            middle = engine_numbers.working(path, engine_numbers.centres()[path].value)
        assert kept.mean() == pytest.approx(middle, abs=4.0 * drawn[:, k].std() / 20.0)
        assert kept.std() == pytest.approx(drawn[:, k].std(), rel=0.12)
