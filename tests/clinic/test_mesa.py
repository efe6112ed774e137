"""Every clinic, in a batch too, is a Mesa model of Mesa agents over its own records."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pytest

from txsim.clinic import Clinic
from txsim.run import lived, record, run
from txsim.state.events import NEVER, Status
from txsim.state.patient import PATIENT, Patient, Trait, blank_rows, traits_of
from txsim.state.staff_member import StaffMember

from ..model.small_clinics import bytes_of, cohort, compiled_only, digest_of, small


class Watched(Patient):
    """Overrides a hook and does nothing with it."""

    def after_day(self) -> None:
        """Nothing, after the compiled day."""


class Sober(Patient):
    """Never in regular use: one behaviour of the day, in Python."""

    def before_day(self) -> None:
        self.regular_use = False


class Absent(Patient):
    """Lives no day at all until day 10."""

    def step(self) -> None:
        if self.model.day >= 10:
            super().step()


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    """A small clinic, thirty days into its year."""
    opened = Clinic(small())
    opened.run_until(30)
    return opened


def test_agents_are_patients_and_staff(clinic: Clinic) -> None:
    assert isinstance(clinic, mesa.Model)
    assert len(clinic.agents) == len(clinic.patients) + len(clinic.staff)
    assert len(clinic.agents_by_type[Patient]) == clinic.state.patients.size
    assert len(clinic.agents_by_type[StaffMember]) == clinic.state.staff.size == 4
    assert sorted(clinic.agents_by_type[StaffMember].get("role_name")) == [
        "counsellor", "counsellor", "nurse", "prescriber",
    ]  # fmt: skip


class Ordinary(Patient):
    """Registers as Mesa has it, one by one."""


def test_agents_registered_together_are_as_those_that_registered_themselves() -> None:
    """The same sets in the same order, and an agent can be added, removed and counted as ever."""
    together, one_by_one = Clinic(small()), Clinic(small(), patient_class=Ordinary)

    def told(clinic: Clinic, kind: type[Patient]) -> list[list[int]]:
        sets = (clinic.agents, clinic.agents_by_type[kind], clinic.agents_by_type[StaffMember])
        return [[agent.unique_id for agent in one] for one in sets]

    assert told(together, Patient) == told(one_by_one, Ordinary)
    for clinic, kind in ((together, Patient), (one_by_one, Ordinary)):
        count = len(clinic.agents)
        assert type(clinic.agents) is type(one_by_one.agents)
        assert clinic.agents.random is clinic.random
        assert clinic.agent_types == [kind, StaffMember]
        late = StaffMember(clinic, 0)
        assert len(clinic.agents) == count + 1
        assert late in clinic.agents_by_type[StaffMember]
        late.remove()
        clinic.patients[3].remove()
        assert len(clinic.agents) == count - 1
        assert len(clinic.agents_by_type[kind]) == len(clinic.patients) - 1
        clinic.remove_all_agents()
        assert len(clinic.agents) == 0
        clinic.close()


def test_agent_sets_select_and_aggregate_what_the_records_hold(clinic: Clinic) -> None:
    patients: Any = clinic.agents_by_type[Patient]
    caring = patients.select(lambda one: one.is_in_care)
    records = clinic.state.patients

    assert len(caring) == np.isin(records["status"], (3, 4, 5)).sum() > 20
    assert caring.agg("age", np.mean) == pytest.approx(
        records["age"][np.isin(records["status"], (3, 4, 5))].mean()
    )
    counts = patients.groupby("status_name").count()
    assert counts["in treatment"] == (records["status"] == Status.IN_TREATMENT).sum()
    assert set(patients.get("person")) == set(records["person"].tolist())


def test_an_agent_reads_all_that_is_known_of_a_person(clinic: Clinic) -> None:
    patient = next(one for one in clinic.patients if one.is_in_care and one.diagnoses)
    row = clinic.state.patients[patient.row]

    for name, trait in traits_of(Patient).items():
        assert getattr(patient, name) == row[name].item()
        assert trait.sentence.endswith((".", "`."))
    assert set(patient.diagnoses) <= set(clinic.design.catalogue.diagnoses)
    assert set(patient.barriers) <= set(clinic.design.catalogue.barriers)
    assert np.isfinite(patient.mediator("alliance"))
    assert patient.exit_reason_name == "none"
    assert repr(patient).startswith(f"Patient({patient.person}: {patient.status_name}")
    with pytest.raises(KeyError):
        patient.mediator("courage")


def test_staff_are_agents_too(clinic: Clinic) -> None:
    counsellor = next(one for one in clinic.staff if one.role_name == "counsellor")
    cared_for = [one for one in clinic.patients if one.key_worker == counsellor.row]

    assert counsellor.caseload == len(cared_for) > 0
    assert repr(counsellor) == f"StaffMember(counsellor 1, {len(cared_for)} patients)"


def test_a_trait_is_declared_once_and_read_everywhere() -> None:
    traits = traits_of(Patient)
    blank = blank_rows(Patient, 3)

    assert PATIENT.names is not None
    assert list(traits) == list(PATIENT.names)
    assert isinstance(Patient.age, Trait)
    for name, trait in traits.items():
        assert (blank[name] == trait.default).all()


def test_the_data_collector_works_while_days_pass() -> None:
    clinic = Clinic(small())
    clinic.run_until(0)
    data_collector: Any = mesa.DataCollector
    collector = data_collector(
        model_reporters={"in care": lambda model: model.today["in_care"], "day": "day"},
        agenttype_reporters={
            Patient: {"used": "used", "alliance": lambda one: one.mediator("alliance")}
        },
    )
    for _ in range(12):
        clinic.step()
        collector.collect(clinic)
    clinic.close()
    by_day = collector.get_model_vars_dataframe()
    by_patient = collector.get_agenttype_vars_dataframe(Patient)

    assert by_day["day"].tolist() == list(range(1, 13))
    assert by_day["in care"].tolist() == clinic.state.days["in_care"][:12].tolist()
    assert len(by_patient) == 12 * len(clinic.patients)
    last = by_patient.xs(by_patient.index.get_level_values(0).max(), level=0)["used"]
    assert last.sum() == clinic.state.patients["used"].sum()


def test_two_live_clinics_keep_their_own_records() -> None:
    """What Mesa's own columns behind agents mix up: here each agent asks its own model."""
    one, other = Clinic(small(), 0), Clinic(small(), 1)
    row = 7
    before = other.patients[row].age
    one.patients[row].age = 99.0
    one.patients[row].used = True

    assert one.patients[row].age == one.state.patients["age"][row] == 99.0
    assert other.patients[row].age == before != 99.0
    assert one.patients[0].rows is one.state.patients
    for clinic in (one, other):
        clinic.run_until(3)
        clinic.close()
    assert one.patients[row].person == one.state.patients["person"][row]
    assert digest_of(record(one)) != digest_of(record(other))


@compiled_only
def test_agent_by_agent_is_the_compiled_day_byte_for_byte() -> None:
    compiled = run(small(), 2, uncertainty=False)
    stepwise = run(small(), 2, uncertainty=False, patient_class=Watched)

    assert Clinic(small(), patient_class=Watched).stepwise
    assert not Clinic(small()).stepwise
    assert bytes_of(compiled) == bytes_of(stepwise)


@compiled_only
def test_a_cohort_agent_by_agent_too() -> None:
    scenario = cohort(40, 40)

    assert digest_of(run(scenario)) == digest_of(run(scenario, patient_class=Watched))


@compiled_only
def test_a_subclass_changes_the_behaviour_of_the_very_model_that_a_batch_runs() -> None:
    """One overridden behaviour: whoever is never in regular use, hardly ever uses."""
    plain, sober = (lived([small()], 0, 1, None, patient_class=one)[0] for one in (Patient, Sober))
    for clinic in (plain, sober):
        clinic.close()
    used = [clinic.state.days["used"].sum() for clinic in (plain, sober)]

    assert type(sober.patients[0]) is Sober
    assert used[0] > 500
    assert used[1] < 0.1 * used[0]


def test_a_subclass_may_replace_the_whole_day() -> None:
    scenario = cohort(20, 20)
    held = run(scenario, patient_class=Absent)

    admitted = held.patients["first_admitted_day"]
    assert not held.calendar[:10].any()
    assert held.calendar[10:].any()
    assert admitted[admitted != NEVER].min() >= 10


@compiled_only
def test_stepping_day_by_day_is_running() -> None:
    stepped, ran = Clinic(small()), Clinic(small())
    while stepped.day < 25:
        stepped.step()
    ran.run_until(25)
    for clinic in (stepped, ran):
        clinic.close()

    assert stepped.day == ran.day == 25
    assert digest_of(record(stepped)) == digest_of(record(ran))
    assert "day 25 of" in repr(ran)
    assert "90 days" in repr(record(ran))


def test_a_closed_clinic_is_forgotten() -> None:
    """Mesa 3.3 keeps every model alive in a table of the class; closing takes it out."""
    clinic = Clinic(small())
    clinic.run_until(2)
    held = record(clinic)
    gone = weakref.ref(clinic)
    patient_gone = weakref.ref(clinic.patients[0])
    clinic.close()
    clinic.close()
    del clinic
    gc.collect()

    assert gone() is None
    assert patient_gone() is None
    assert held.patients.size > 0, "what a run leaves outlives its model"


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


@compiled_only
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from Linux")
def test_memory_is_flat_over_many_runs() -> None:
    """150 runs leave less behind than three of their event logs and calendars; warmed up first."""
    tiny = small().with_changes(
        horizon={"days": 20, "follow_up_days": 5, "burn_in_days": 5}, clinic={"places": 20}
    )
    alive: list[Any] = []

    def runs(count: int) -> None:
        for replication in range(count):
            clinics = lived([tiny], replication, 1, replication % 3)
            alive.extend(weakref.ref(one) for one in clinics)
            clinics[0].close()

    runs(60)
    gc.collect()
    before = resident_bytes()
    runs(150)
    gc.collect()

    assert [one for one in alive if one() is not None] == []
    assert resident_bytes() - before < 6_000_000
