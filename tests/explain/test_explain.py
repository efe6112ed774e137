"""The contributions are what the rules of the day read, of everybody and every hazard."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import Any

import pytest

import txsim
from tests.model.small_clinics import cohort, compiled_only, small
from txsim.catalogue.vocabulary import Hazard
from txsim.clinic import Clinic
from txsim.errors import TxsimError
from txsim.explain.explanation import Explanation
from txsim.explain.patient_day import CannotHappen, copy_with_room, turn_of
from txsim.explain.reasons import clinic_on, explained, explained_turn, row_of, rows_of
from txsim.parameters.draw import HELD_AT_CENTRE
from txsim.parameters.posterior import posterior
from txsim.rules import exits, sessions, use, waiting
from txsim.rules.day import live, morning, patient_day
from txsim.scenario import Scenario
from txsim.units import IMPOSSIBLE

CLOCKS = {
    exits.OVERDOSES: Hazard.OVERDOSE,
    exits.DIES_OTHERWISE: Hazard.OTHER_DEATH,
    exits.DIES_BY_SUICIDE: Hazard.SUICIDE,
    exits.GOES_TO_JAIL: Hazard.JAIL,
    exits.DROPS_OUT: Hazard.DROPOUT,
    exits.COMPLETES: Hazard.COMPLETION,
    exits.TRANSFERS: Hazard.TRANSFER,
    exits.WALKS_AWAY: Hazard.WALK_AWAY,
    exits.RETURNS: Hazard.RETURN_TO_CARE,
    exits.LEAVES_JAIL: None,
}


def full() -> Scenario:
    """Everything offered, so that every kind of contribution occurs, and much happens."""
    baseline = small()
    return baseline.with_changes(
        name="full",
        population={"mix": "dual diagnosis programme"},
        clinic={"places": 30, "waiting_list": {"interim_dosing": True}},
        arrivals={"per_week": 10.0},
        medication={"assign": {"methadone": 0.4, "xr_naltrexone_opioid": 0.6, "disulfiram": 1.0}},
        services={name: {"offered": True} for name in baseline.catalogue.services},
        staff={role: {"posts": 2.0} for role in baseline.catalogue.roles},
        hazards={
            "jail": {"opioid": 2.0},
            "transfer": {"opioid": 1.0},
            "return_to_care": {"opioid": 0.05},
        },
        medications={"methadone": {"completion_after_days": 20.0}},
        model={"readmission_gap_days": 5.0, "psychosocial_cap": 0.97},
    )


class Overheard:
    """What the rules of one person's uncompiled day asked luck about, by hazard."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clocks: dict[Hazard, float] = {}
        self.odds: dict[str, list[float]] = defaultdict(list)
        uniform, ringing, happens = exits.uniform, exits.ringing_time, use.happens
        self.purpose: Any = None
        regimes: dict[bool, Hazard] = {
            True: Hazard.REGULAR_USE_ENDS,
            False: Hazard.REGULAR_USE_BEGINS,
        }
        self.regular = False

        def asked(key: Any, purpose: Any) -> float:
            self.purpose = purpose
            return uniform(key, purpose)

        def rings(luck: float, log_rate: float) -> float:
            hazard = (
                regimes[self.regular]
                if self.purpose == use.REGIME_CHANGES
                else CLOCKS[self.purpose]
            )
            if hazard is not None and log_rate != IMPOSSIBLE:
                self.clocks[hazard] = float(log_rate)
            return ringing(luck, log_rate)

        def drawn(where: str) -> Any:
            def happened(luck: float, log_odds: float) -> bool:
                if where != "use" or self.purpose == use.USES_TODAY:
                    self.odds[where].append(float(log_odds))
                return happens(luck, log_odds)

            return happened

        def came(log_odds: float) -> float:
            self.odds["entry"].append(float(log_odds))
            return chance_of(log_odds)

        chance_of = waiting.chance_of
        for module in (exits, use):
            monkeypatch.setattr(module, "uniform", asked)
            monkeypatch.setattr(module, "ringing_time", rings)
        monkeypatch.setattr(use, "happens", drawn("use"))
        monkeypatch.setattr(sessions, "happens", drawn("attendance"))
        monkeypatch.setattr(waiting, "chance_of", came)


def told(clinic: Clinic, row: int) -> dict[Hazard, Explanation]:
    """All explanations that there are of one person today."""
    found = {}
    try:
        turn = turn_of(clinic, row)
    except CannotHappen:
        return {}
    for hazard in Hazard:
        with suppress(CannotHappen):
            found[hazard] = explained_turn(turn, hazard, "", "")
    return found


@compiled_only
@pytest.mark.parametrize("day", [0, 12, 33, 71])
@pytest.mark.parametrize("draw", [None, 3])
def test_contributions_sum_to_what_the_rules_of_the_day_read(
    day: int, draw: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = Clinic(full(), draw=draw)
    clinic.run_until(day)
    clinic.close()
    rows = [*range(0, 12), *rows_of(clinic)[:60]]
    explanations = {row: told(clinic, row) for row in rows}
    for row in rows:
        state = copy_with_room(clinic.state, day)
        morning(state, day)
        for before in range(row):
            patient_day(state, before, day)
        plain = state.plain()
        with monkeypatch.context() as patched:
            heard = Overheard(patched)
            heard.regular = bool(plain.patients[row].regular_use)
            visits = plain.patients[row].visits_due
            live(plain, row, day)
        found = explanations[row]
        for one in found.values():
            amounts = sum(line.amount for line in one.rows)
            assert amounts == pytest.approx(one.total, abs=1e-9), one.summary()
            assert "what else lasts" not in {line.what for line in one.rows}
        clocks = {h: one.total for h, one in found.items() if not h.is_log_odds}
        assert clocks == heard.clocks
        for hazard in (Hazard.USE, Hazard.ENTRY):
            value = [found[hazard].total] if hazard in found else []
            assert value == heard.odds[hazard.word]
        if Hazard.ATTENDANCE in found:
            assert found[Hazard.ATTENDANCE].total in heard.odds["attendance"]
        else:
            assert plain.patients[row].visits_due == visits
        if Hazard.FATALITY in found:
            assert found[Hazard.FATALITY].total == float(plain.acting[Hazard.FATALITY])


@compiled_only
def test_every_hazard_and_every_kind_of_contribution_was_looked_at() -> None:
    hazards, kinds = set(), set()
    # Whoever is dosed in line comes to the intake as to a dose.
    undosed = full().with_changes(
        clinic={"places": 90, "waiting_list": {"interim_dosing": False}},
        services={"interim_dosing": {"offered": False}},
        staff={"counsellor": {"posts": 9.0}},
    )
    seen = [(full(), day) for day in (0, 12, 33, 71)] + [(undosed, day) for day in range(2, 12)]
    for scenario, day in seen:
        clinic = Clinic(scenario, draw=3)
        clinic.run_until(day)
        clinic.close()
        for row in [*range(0, 12), *rows_of(clinic)[:60]]:
            for hazard, one in told(clinic, row).items():
                hazards.add(hazard)
                kinds |= {line.what.split(":")[0] for line in one.rows}

    assert hazards == set(Hazard)
    assert {
        "base for opioids", "trait", "barrier", "mediator", "symptoms", "medication",
        "services directly", "psychosocial cap", "clinic effect", "early days",
        "days since asking", "lost tolerance", "outside a spell of regular use", "came",
    } <= kinds  # fmt: skip


def test_the_clinic_is_left_as_it_stands() -> None:
    clinic, other = Clinic(small()), Clinic(small())
    for one in (clinic, other):
        one.run_until(30)
        one.close()
    told(clinic, 20)
    clinic.run()
    other.run()

    assert clinic.events.tobytes() == other.events.tobytes()


def a_dropout(scenario: Scenario, day: int = 50) -> Explanation:
    clinic = clinic_on(scenario, day, None, HELD_AT_CENTRE.luck(1, 0))
    clinic.close()
    row = next(row for row in rows_of(clinic) if clinic.state.patients["status"][row] in (3, 4))
    return explained(clinic, int(row), Hazard.DROPOUT)


def test_what_is_switched_off_has_no_row() -> None:
    def whats(scenario: Scenario) -> set[str]:
        return {row.what for row in a_dropout(scenario).rows}

    bond = "mediator: alliance with one's own counsellor"
    alone = small().with_changes(mechanisms={"relationships": False})

    assert bond in whats(small())
    assert bond not in whats(alone)


def test_help_and_relief_are_told_with_the_services_that_give_them() -> None:
    clinic = Clinic(full())
    clinic.run_until(71)
    clinic.close()
    details = {
        line.words
        for row in rows_of(clinic)[:60]
        for one in told(clinic, row).values()
        for line in one.rows
    }

    assert any("services +" in words and "case management" in words for words in details)
    assert any("barrier: " in words and "0." in words for words in details)


def test_an_explanation_in_words_and_as_a_frame() -> None:
    one = a_dropout(small())
    frame = one.to_df()

    assert list(frame.columns) == ["what", "detail", "amount", "ratio"]
    assert frame["amount"].sum() == pytest.approx(one.total, abs=1e-9)
    assert "\n" not in repr(one)
    assert one.chance == pytest.approx(one.rate, rel=0.05)
    text = one.summary()
    assert text.splitlines()[0].endswith("day 50, small")
    assert all(row.what in text for row in one.rows)
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "A chance of " in text


def test_the_public_function_is_the_same_as_asking_a_clinic() -> None:
    clinic = clinic_on(small(), 25, None, posterior().luck(7, 2))
    clinic.close()
    same = explained(clinic, row_of(clinic, 3), Hazard.USE)
    public = txsim.explain(small(), 3, 25, "use", replication=2, seed=7, uncertainty=True)

    assert (public.total, public.rows) == (same.total, same.rows)


def test_a_design_goes_on_from_another_s_opening() -> None:
    later = small().with_changes(name="later", change={"from_week": 4})
    alone = small().with_changes(name="alone", horizon={"start": "own steady state"})
    before, first = (
        txsim.explain(one, 5, 20, "other_death", after=other)
        for one, other in ((later, small()), (small(), None))
    )
    own = txsim.explain(alone, 5, 20, "other_death", after=small())

    assert before.rows == first.rows
    assert own.design == "alone"
    assert txsim.explain(later, 5, 40, "other_death", after=small()).design == "later"


def test_a_design_that_changes_by_itself_is_first_the_one_it_changes_from() -> None:
    alone = small().with_changes(
        name="alone", change={"from_week": 4}, staff={"counsellor": {"posts": 0.5}}
    )
    assert txsim.explain(alone, 5, 20, "other_death").design == "small"
    assert txsim.explain(alone, 5, 40, "other_death").design == "alone"


def test_numbering_is_that_of_the_people_counted() -> None:
    clinic = Clinic(small())
    rows = rows_of(clinic).tolist()
    clinic.run()
    clinic.close()

    assert clinic.state.patients["counted"].nonzero()[0].tolist() == rows


def test_people_known_before_day_0_can_be_asked_about() -> None:
    """They are in the order of the books; the answer is that of asking the clinic itself."""
    clinic = clinic_on(small(), 25, None, HELD_AT_CENTRE.luck(1, 0))
    clinic.close()
    rows = rows_of(clinic, known_before=True)
    known = txsim.explain(small(), 4, 25, "use", known_before=True)

    assert (clinic.state.patients["arrives"][rows] < 0).all()
    assert rows.size >= clinic.state.patients["present_at_start"].sum()
    assert known.rows == explained(clinic, int(rows[3]), Hazard.USE).rows
    empty = small().with_changes(name="empty", horizon={"start": "empty"})
    with pytest.raises(TxsimError, match="empty: the clinic knows nobody before day 0"):
        txsim.explain(empty, 1, 25, "use", known_before=True)


def test_attendance_is_of_the_service_named() -> None:
    clinic = Clinic(full())
    clinic.run_until(43)  # a Tuesday
    clinic.close()
    for row in rows_of(clinic)[:60]:
        try:
            turn = turn_of(clinic, int(row))
            first = explained_turn(turn, Hazard.ATTENDANCE, "", "")
        except CannotHappen:
            continue
        booked = [clinic.parameters.service_names[s] for s in turn.booked.nonzero()[0]]
        assert explained_turn(turn, Hazard.ATTENDANCE, booked[-1], "").service
        with pytest.raises(CannotHappen, match="booked: "):
            explained_turn(turn, Hazard.ATTENDANCE, "intake_assessment", "")
        with pytest.raises(TxsimError, match="did you mean 'cbt'"):
            explained_turn(turn, Hazard.ATTENDANCE, "cbtt", "")
        assert first.service in {clinic.design.catalogue.services[name].label for name in booked}
        return
    pytest.fail("nobody had a visit")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ((9999, 3, "use"), "there is no patient 9999 (allowed 1 to "),
        ((0, 3, "use"), "there is no patient 0 (allowed 1 to "),
        ((1, 900, "use"), "day 900 is outside the run (allowed 0 to 89)"),
        ((1, -1, "use"), "day -1 is outside the run"),
        ((1, 30, "use", "cbt"), "a service is named for attendance only (got use, cbt)"),
        ((1, 3, "drop_out"), "unknown hazard 'drop_out'; did you mean 'dropout'? (allowed: "),
        (
            (30, 1, "use"),
            "use cannot happen to patient 30 on day 1 of small: asks for treatment for",
        ),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_line(asked: tuple[Any, ...], answer: str) -> None:
    with pytest.raises(TxsimError) as error:
        txsim.explain(small(), *asked[:3], service="".join(asked[3:]))

    assert answer in str(error.value)
    assert "\n" not in str(error.value)


def test_what_cannot_happen_says_why() -> None:
    why: dict[str, set[str]] = defaultdict(set)
    scenario = cohort(40, 60)
    for day in (1, 30):
        clinic = clinic_on(scenario, day, None, HELD_AT_CENTRE.luck(1, 0))
        clinic.close()
        for row in range(40):
            turn = turn_of(clinic, row)
            for hazard in Hazard:
                try:
                    explained_turn(turn, hazard, "", "")
                except CannotHappen as reason:
                    why[hazard.word].add(str(reason))

    assert "is not waiting (in treatment)" in why["walk_away"]
    assert any("days in care at the earliest" in reason for reason in why["completion"])
    assert any("is not in care (" in reason for reason in why["dropout"])
    assert {"is in a spell of regular use"} <= why["regular_use_begins"]
