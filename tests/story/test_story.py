"""A life in plain words: every happening has a sentence, and the sums are those of the run."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import txsim
from tests.model.small_clinics import compiled_only, small
from txsim.catalogue.vocabulary import Hazard
from txsim.errors import TxsimError
from txsim.explain import Contribution, Explanation
from txsim.parameters.draw import HELD_AT_CENTRE
from txsim.parameters.posterior import posterior
from txsim.run import lived
from txsim.state.events import Cause, Kind, Reason, Status
from txsim.story import Story
from txsim.story.divergence import hazard_behind, other_reason, partings_of, reasons
from txsim.story.sentences import DYING, LEAVING, SENTENCES, Past, phrases_of
from txsim.story.telling import place_of, spells
from txsim.story.trajectory import Happening, lives_of

from .made_lives import made_life

METHADONE = list(small().catalogue.medications).index("methadone")
SERVICES = list(small().catalogue.services)


def more_support() -> Any:
    """The small clinic with case management, which is new to everybody on day 0."""
    return small().with_changes(
        name="supported",
        services={"case_management": {"offered": True}},
        staff={"case_manager": {"posts": 3.0}},
    )


# --- sentences


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_happening_has_a_phrase(kind: Kind) -> None:
    past = Past(small().catalogue, 12, drinks=False, asked=3, admitted=5)
    (told,) = phrases_of([Happening(12, kind, 1)], past)

    assert told
    assert told[0].islower()
    assert not told.endswith(".")


def test_every_kind_reason_cause_and_hazard_has_words() -> None:
    assert set(SENTENCES) == set(Kind)
    assert set(LEAVING) == set(Reason)
    assert set(DYING) == set(Cause)
    assert all(hazard.noun for hazard in Hazard)


def test_what_is_of_one_kind_is_told_together() -> None:
    taken = [
        Happening(4, Kind.TOOK_UP_SERVICE, SERVICES.index(name)) for name in ("cbt", "peer_group")
    ]
    told = phrases_of(taken, Past(small().catalogue, 4, drinks=False))

    assert told == ["takes up cognitive behavioural therapy and peer group"]


# --- one life


A_STAY = [
    (3, Kind.ASKED, 0),
    (4, Kind.BOOKED_INTAKE, 3),
    (7, Kind.ADMITTED, 0),
    (8, Kind.FIRST_DOSE, METHADONE),
    (22, Kind.LEFT, int(Reason.DROPPED_OUT)),
]
STANDING = {3: Status.WAITING, 7: Status.INDUCTION, 22: Status.DROPPED_OUT}


def test_a_story_word_by_word() -> None:
    life = made_life(
        A_STAY,
        STANDING,
        used=(5, 10, 11, 25),
        visits={day: (1, int(day != 12)) for day in range(8, 20)},
        injecting=True,
        distance_km=12.34,
        first_medication=METHADONE,
    )
    told = Story(2, 9, 0, 1, (life,), ())

    assert (
        told.summary()
        == """\
Patient 2 of 9 who ask: a woman of 34 who uses opioids and injects. Depression. Barriers: transport.
Lives 12.3 km away. Came: on their own. Medication: methadone.

small
  Waiting
    Day 3, Thursday.  Asks for treatment.
    Day 4, Friday.    Gets an intake appointment for Monday, day 7.
  In care
    Day 7, Monday.    Admitted, 4 days after asking.
    Day 8, Tuesday.   Starts methadone.
    Days 9-21.        In care; used on 2 of 13 days; kept 10 of 11 visits.
    Day 22, Tuesday.  Drops out, after 15 days in care.
  Out of care
    Days 23-29.  Out of care; used on 1 of 7 days.
  Day 29. The story ends after 27 days: dropped out.

In all
  days followed   27
  days in care    15
  days of use      4
  visits kept     11
  visits booked   12
  overdoses        0
  alive          yes"""
    )


def test_a_life_of_drinking_that_ends() -> None:
    life = made_life(
        [(3, Kind.ASKED, 0), (9, Kind.DIED, int(Cause.OTHER))],
        {3: Status.WAITING, 9: Status.DIED},
        used=(4, 5),
        substance=1,
        died_day=9,
    )
    told = Story(1, 1, 0, 1, (life,), ()).summary()

    assert "Waiting; drank on 2 of 5 days, heavily on 2." in told
    assert "Dies of another cause.\n  The story ends here." in told
    assert "alive          no" in told
    assert "Never admitted." in told


@pytest.mark.parametrize("status", [one for one in Status if one != Status.DIED])
def test_every_status_has_its_place(status: Status) -> None:
    life = made_life([(3, Kind.ASKED, 0)], {3: Status.WAITING, 4: status})

    assert spells(life, 3, 30)[-1].title == place_of(status)


@pytest.mark.parametrize("patient", [1, 5, 9])
def test_the_sums_are_those_of_the_run(patient: int) -> None:
    told = txsim.story(small(), patient)
    (life,) = told.lives
    run = txsim.run(small(), uncertainty=False)
    row = np.flatnonzero(run.patients["counted"])[patient - 1]
    days = slice(life.start, life.end)

    assert told.of == int(run.patients["counted"].sum())
    assert life.record["person"] == run.patients["person"][row]
    assert (life.calendar == run.calendar[:, row]).all()
    assert life.visits.sum(axis=0).tolist() == [
        run.patients["visits_due"][row],
        run.patients["visits_kept"][row],
    ]
    sums = told.to_dict()["lives"][0]["sums"]
    status = run.calendar[days, row] & 15
    assert sums["days_in_care"] == int(((status >= 3) & (status <= 5)).sum())
    lines = [line for spell in spells(life, life.start, life.end) for line in spell.lines]
    assert [line.first for line in lines] == sorted({line.first for line in lines})


@pytest.mark.parametrize("patient", [1, 5, 30])
def test_whom_the_clinic_knew_before_is_told_of_from_day_0(patient: int) -> None:
    told = txsim.story(small(), patient, known_before=True)
    (life,) = told.lives
    run = txsim.run(small(), uncertainty=False)
    row = np.flatnonzero(run.patients["arrives"] < 0)[patient - 1]

    assert (life.start, life.end) == (0, small().horizon.follow_up_days)
    assert life.record["person"] == run.patients["person"][row]
    assert (life.calendar == run.calendar[:, row]).all()
    assert "whom the clinic knew before day 0: " in " ".join(told.summary().split())
    first = spells(life, life.start, life.end)[0]
    assert life.standing is not None
    assert first.title == place_of(life.standing.status)


def test_leaving_tells_how_long_care_was_before_day_0_too() -> None:
    """Somebody who was in care on day 0 and leaves: the days in care are those since admission."""
    run = txsim.run(small(), uncertainty=False)
    known = np.flatnonzero(run.patients["arrives"] < 0)
    told_of = run.events["day"] < small().horizon.follow_up_days
    left = run.events[(run.events["kind"] == Kind.LEFT) & told_of]
    event = next(one for one in left if one["person"] in run.patients["person"][known])
    rows = run.patients["person"][known].tolist()
    told = txsim.story(small(), rows.index(event["person"]) + 1, known_before=True)
    (life,) = told.lives
    assert life.standing is not None
    days = event["day"] - life.standing.since

    assert days > event["day"]
    assert f"after {days} days in care" in " ".join(told.summary().split())


def test_a_story_for_scripts() -> None:
    told = txsim.story(small(), 5, against=more_support())
    read = json.loads(json.dumps(told.to_dict(), allow_nan=False))

    assert (read["patient"], read["of"]) == (5, told.of)
    assert [life["design"] for life in read["lives"]] == ["small", "supported"]
    assert read["partings"][0]["day"] == told.partings[0].day
    assert set(read["who"]) >= {"age", "sex", "diagnoses", "barriers", "distance_km", "medication"}
    assert "\n" not in repr(told)
    assert "small against supported" in repr(told)


# --- two lives


def test_against_itself_both_lives_are_the_same() -> None:
    told = txsim.story(small(), 4, against=small())

    assert told.partings == ()
    assert "Both lives are the same, day for day (small and small (again))." in told.summary()


FEWER = {"staff": {"counsellor": {"posts": 1.0}}}


@compiled_only
def test_both_designs_are_lived_as_in_a_comparison() -> None:
    later = more_support().with_changes(name="later", change={"from_week": 3})
    own = small().with_changes(name="own", horizon={"start": "own steady state"})
    # alone, named first: it changes from the one that it was made from
    first = more_support().with_changes(name="first", change={"from_week": 3}, **FEWER)
    after = more_support().with_changes(name="after", change={"from_week": 5})
    pairs = [(small(), more_support()), (small(), later), (small(), own), (first, after)]
    for designs in (*pairs, (first,)):
        lives, _ = lives_of(designs, 6, posterior().luck(7, 2))
        clinics = lived(designs, 2, 7, 0)
        for life, clinic in zip(lives, clinics, strict=True):
            clinic.close()
            people = clinic.state.patients
            row = int(np.flatnonzero(people["person"] == life.record["person"])[0])
            assert life.row == row
            assert (life.calendar == clinic.state.calendar[:, row]).all()
            total = [int(people[name][row]) for name in ("visits_due", "visits_kept")]
            assert life.visits.sum(axis=0).tolist() == total


def test_lives_are_the_same_until_a_design_changes() -> None:
    later = more_support().with_changes(name="later", change={"from_week": 3})
    told = txsim.story(small(), 1, against=later)

    assert told.lives[0].start < 21
    assert all(one.day >= 21 for one in told.partings)


@compiled_only
def test_every_parting_is_told_with_its_reason_where_a_chance_made_it() -> None:
    seen = []
    for patient in range(1, 25):
        told = txsim.story(small(), patient, against=more_support())
        one, other = told.lives
        for parting in told.partings:
            seen.append(parting)
            assert parting.days[0] != parting.days[1] or parting.because
            assert f"n day {parting.day} they " in told.summary()
            if hazard_behind(one, other, parting.day) is not None:
                assert parting.because.startswith("Under ") or "the same" in parting.because
    assert any(parting.because == "Only supported offers case management." for parting in seen)


def test_the_reason_names_what_differs_most_and_nothing_else() -> None:
    def explanation(*amounts: float) -> Explanation:
        whats = ("base for opioids", "barrier: transport", "mediator: rupture", "clinic effect")
        rows = tuple(Contribution(w, "", a) for w, a in zip(whats, amounts, strict=True))
        return Explanation("", "", 3, Hazard.DROPOUT, "", "", sum(amounts), rows)

    high, low = explanation(-6.0, 0.7, 0.2, 0.1), explanation(-6.0, 0.0, 0.0, 0.099)
    told = reasons(low, high, "A", "B").replace("\u00a0", " ")

    assert told == (
        "Under B dropping out was likelier than under A (0.67 % against 0.27 % on that day). What "
        "differs most: barrier: transport (× 2.01) and rupture (× 1.22)."
    )
    assert reasons(high, high, "A", "B").startswith("The chance of dropping out was all but the")


def ended(reason: Reason) -> Any:
    happenings = [*A_STAY[:-1], (22, Kind.LEFT, int(reason))]
    return made_life(happenings, STANDING, name="B")


@pytest.mark.parametrize(
    ("change", "hazard"),
    [
        ({"happenings": A_STAY[:-1]}, "dropout"),
        ({"used": (22,)}, "use"),
        ({"visits": {22: (1, 1)}}, "attendance"),
        ({"visits": {22: (2, 0)}}, None),
    ],
)  # fmt: skip
def test_the_hazard_behind_a_day(change: dict[str, Any], hazard: str | None) -> None:
    usual = {"happenings": A_STAY, "statuses": STANDING, "visits": {22: (1, 0)}}
    one = made_life(**usual)
    other = made_life(**{**usual, **change})
    found = hazard_behind(one, other, 22)

    assert (found.word if found is not None else None) == hazard


@pytest.mark.parametrize(
    ("kind", "detail", "because"),
    [
        (Kind.BOOKED_INTAKE, 2,
         "Under A a treatment slot and time for an intake are free on that day."),
        (Kind.LEFT, int(Reason.MISSED_DAYS), "A rule of the clinic is met under A only."),
        (Kind.WORKER_LEFT, 0, "Under A somebody leaves the staff."),
        (Kind.TOOK_UP_SERVICE, SERVICES.index("cbt"),
         "Only A offers cognitive behavioural therapy."),
        (Kind.STEPPED_UP, 1, ""),
    ],
)  # fmt: skip
def test_reasons_that_are_no_chance(kind: Kind, detail: int, because: str) -> None:
    one = made_life([*A_STAY[:-1], (12, kind, detail)], STANDING, name="A")
    other = made_life(A_STAY[:-1], STANDING, name="B")

    assert hazard_behind(one, other, 12) is None
    assert other_reason(one, other, 12) == because


def test_bookings_can_part_lives() -> None:
    one, other = (
        made_life(A_STAY, STANDING, name=name, visits={12: (due, 0)})
        for name, due in (("A", 1), ("B", 2))
    )
    (parting,) = partings_of(one, other, HELD_AT_CENTRE.luck(1, 0))

    assert parting.day == 12
    assert parting.because == "Under B 2 visits are booked on that day, under A 1."


# --- what is refused


def test_no_such_patient() -> None:
    with pytest.raises(TxsimError, match=r"small: there is no patient 999 \(allowed 1 to \d+"):
        txsim.story(small(), 999)


def test_a_clinic_to_which_nobody_comes() -> None:
    with pytest.raises(TxsimError, match="nobody asks for"):
        txsim.story(small().with_changes(name="quiet", arrivals={"per_week": 0.0}), 1)


def test_somebody_who_does_not_come_under_the_other_design() -> None:
    fewer = small().with_changes(name="fewer", arrivals={"per_week": 0.05})
    with pytest.raises(TxsimError, match="patient 9 does not ask for treatment under fewer"):
        txsim.story(small(), 9, against=fewer)


def test_nobody_is_the_same_person_where_other_people_ask() -> None:
    near = small().with_changes(
        name="near", population={"distance_km": {"median": 1.0, "p90": 2.0}}
    )
    told = "nobody is the same person under small and near: the distance to the clinic differs"
    with pytest.raises(TxsimError, match=told):
        txsim.story(small(), 1, against=near)
    # Whoever the clinic knew before day 0 is the same where both go on from one opening.
    assert len(txsim.story(small(), 1, against=near, known_before=True).lives) == 2
    own = small().with_changes(name="own", horizon={"start": "own steady state"})
    with pytest.raises(TxsimError, match="the opening of the clinic differs"):
        txsim.story(small(), 1, against=own, known_before=True)
    # More people who ask leave those who ask anyhow as they are.
    more = small().with_changes(name="more", arrivals={"per_week": 30.0})
    assert len(txsim.story(small(), 1, against=more).lives) == 2


def test_nobody_of_a_roster_is_told_of(tmp_path: Any) -> None:
    (tmp_path / "people.csv").write_text(
        "person,sex,substance,age\n1,female,opioid,30\n2,male,opioid,40\n"
    )
    (tmp_path / "own.toml").write_text(
        'extends = "baseline"\n[population]\nroster = "people.csv"\n'
    )
    own = txsim.load(tmp_path / "own.toml")
    for ask in (
        lambda: txsim.story(own, 1),
        lambda: txsim.story(small(), 1, against=own),
        lambda: txsim.explain(own, 1, 3, "use"),
        lambda: txsim.explain(small(), 1, 3, "use", after=own),
    ):
        with pytest.raises(TxsimError, match="roster, and a story would be one person's"):
            ask()
