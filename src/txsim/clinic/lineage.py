"""Which clinics a replication consists of, and which of them goes on from which.

A design opens a clinic of its own or goes on from another design's clinic: at a shared opening, or
when its change begins. A design that changes by itself is first run as what it changes from. So
the clinics of a replication are a tree, and designs with a common past share it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from txsim.clinic.model import Clinic, opening_day
from txsim.clinic.snapshot import Snapshot
from txsim.errors import Problem, ScenarioError, TxsimError
from txsim.parameters.draw import Luck
from txsim.parameters.draw_source import draw_of
from txsim.state.patient import Patient

if TYPE_CHECKING:
    from txsim.catalogue.draw import Draw
    from txsim.scenario import Scenario

OF_A_STUDY = ("arrivals.cohort", "horizon.days", "horizon.follow_up_days")
"""What a change cannot change: for whom, and for how long, there are figures."""
OF_A_COHORT = (
    "arrivals.enrolled",
    "arrivals.abstinent_days",
    "arrivals.inpatient_days",
    "clinic.sites",
    "population.people",
)
"""What else is settled on day 0, on which everybody of a cohort comes."""

Stretch = tuple["Scenario", int | None]
"""A design and the day from which a clinic is run by it; None for its opening."""
Path = tuple[Stretch, ...]
"""What a clinic is run by, one after the other."""


def branch_day(scenario: Scenario) -> int:
    """The day on which a design leaves the path of the one it goes on from."""
    return scenario.change.from_day


def goes_on_from(first: Scenario, scenario: Scenario) -> bool:
    """Whether a later design begins in the first one's clinic instead of one of its own."""
    if scenario.change.is_later:
        return True
    open_clinic = scenario.arrivals.cohort is None and first.arrivals.cohort is None
    return open_clinic and scenario.horizon.start == "shared" and opening_day(first) < 0


def path_of(scenario: Scenario) -> Path:
    """What a clinic is run by when its design stands alone, or first.

    Raises ScenarioError when it has a change and nothing says from what.
    """
    if not scenario.change.is_later:
        return ((scenario, None),)
    if scenario.before is None:
        raise ScenarioError(
            Problem(
                path="change",
                message=f"{scenario.name} changes later, and nothing says how the clinic is run "
                "until then; let it extend the clinic as it is, or compare it with that",
            )
        )
    return _branched(path_of(scenario.before), scenario)


def paths_of(scenarios: Sequence[Scenario]) -> list[Path]:
    """The paths of designs that are compared: the first one's, and the others' against it.

    Raises ScenarioError for a change that cannot be made in the first design's clinic.
    """
    first = path_of(scenarios[0])
    paths = [first]
    for scenario in scenarios[1:]:
        if goes_on_from(scenarios[0], scenario):
            refuse_misfits(first, scenario)
            paths.append(_branched(first, scenario))
        else:
            paths.append(path_of(scenario))
    return paths


def _branched(path: Path, scenario: Scenario) -> Path:
    """The path as far as the day on which the design leaves it, and then the design."""
    day = branch_day(scenario)
    kept = tuple(one for one in path if one[1] is None or one[1] < day)
    return (*kept, (scenario, day))


def refuse_misfits(path: Path, scenario: Scenario) -> None:
    """Raise ScenarioError when a clinic run like this cannot change into this design."""
    if not scenario.change.is_later:
        return
    opened = path[0][0]
    keys = OF_A_STUDY if opened.arrivals.cohort is None else OF_A_STUDY + OF_A_COHORT
    for key in keys:
        before, after = _said(opened, key), _said(scenario, key)
        if before != after:
            raise _cannot_change(scenario, opened, key, after, before)
    if (opening_day(opened) < 0) != (opening_day(scenario) < 0):
        key = "horizon.start"
        raise _cannot_change(scenario, opened, key, _said(scenario, key), _said(opened, key))


def _said(scenario: Scenario, key: str) -> object:
    section, name = key.split(".")
    return getattr(getattr(scenario, section), name)


def _cannot_change(
    scenario: Scenario, opened: Scenario, key: str, got: object, allowed: object
) -> ScenarioError:
    return ScenarioError(
        Problem(
            path=key,
            message=f"{scenario.name} changes later and goes on in the clinic of {opened.name}, "
            "so this must be the same in both",
            got="none" if got is None else str(got),
            allowed="none" if allowed is None else str(allowed),
        )
    )


@dataclass
class Branch:
    """One clinic of a replication, and those that go on from it."""

    scenario: Scenario
    day: int | None
    """The day from which it is run by this design; None for its opening."""
    wanted: bool = False
    """Whether it is somebody's last, to be run to its horizon."""
    later: list[Branch] = field(default_factory=list)


def tree_of(paths: Sequence[Path]) -> tuple[list[Branch], list[Branch]]:
    """The clinics that open by themselves, and the last clinic of each path."""
    roots: list[Branch] = []
    lasts = []
    for path in paths:
        siblings = roots
        for scenario, day in path[:-1]:
            shared = (one for one in siblings if one.scenario is scenario and one.day == day)
            found = next(shared, None) or _added(siblings, scenario, day)
            siblings = found.later
        # Every design has a record of its own, so its last clinic is nobody else's.
        last = _added(siblings, *path[-1])
        last.wanted = True
        lasts.append(last)
    return roots, lasts


def _added(siblings: list[Branch], scenario: Scenario, day: int | None) -> Branch:
    siblings.append(Branch(scenario, day))
    return siblings[-1]


class Lineage:
    """The clinics of one replication: opened, branched and lived through, or gone on with.

    Every way of running a design goes through here: a batch, a story, what explains a day, a page
    that shows each day.
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        luck: Luck,
        patient_class: type[Patient] = Patient,
        opened: Sequence[Snapshot] = (),
    ) -> None:
        """Open nothing yet.

        `opened` are snapshots of clinics of this luck that are gone on with instead of being opened
        anew. Raises ScenarioError for a change that cannot be made in the first design's clinic,
        TxsimError for a snapshot of other luck.
        """
        self.luck = luck
        self.patient_class = patient_class
        self.paths = paths_of(scenarios)
        self._opened = {one.design: one for one in opened}
        for one in opened:
            if one.luck != luck:
                raise TxsimError("a snapshot of other luck cannot be gone on with")

    def run(self) -> list[Clinic]:
        """The clinics of all designs, each run to its horizon; a common past is lived once."""
        roots, lasts = tree_of(self.paths)
        clinics: dict[int, Clinic] = {}
        for root in roots:
            # What begins before the morning of a snapshot cannot go on from it.
            first = min((one.day or 0 for one in root.later), default=root.scenario.days_simulated)
            _live(root, self._open(root.scenario, first), clinics)
        return [clinics[id(last)] for last in lasts]

    def days(self, design: int = -1, first: int = 0) -> Iterator[Clinic]:
        """The clinic of one design on each morning from the `first` to its horizon.

        Before the day on which a design leaves another's path it is that other clinic. It may be
        looked at, and not be changed.
        """
        (opens, _), *later = self.paths[design]
        clinic = self._open(opens, min([first, *(day or 0 for _, day in later)]))
        try:
            day = first
            while True:
                while later and (later[0][1] or 0) <= day:
                    scenario, from_day = later.pop(0)
                    clinic = _branched_off(clinic, scenario, from_day or 0)
                if day > clinic.horizon:
                    return
                clinic.run_until(day)
                yield clinic
                day += 1
        finally:
            clinic.close()

    def opening(self, day: int = 0) -> Snapshot:
        """The first design's clinic on a morning, day 0 if nothing else is said."""
        clinic = self._open(self.paths[0][0][0], day)
        clinic.run_until(day)
        clinic.close()
        return Snapshot.of(clinic)

    def _open(self, scenario: Scenario, before: int) -> Clinic:
        """A clinic that opens, or its snapshot, taken on a day or earlier, gone on with."""
        luck, kept = self.luck, self._opened.get(scenario.digest)
        if kept is not None and kept.day <= before:
            return resumed(kept, scenario, self.patient_class)
        return Clinic(scenario, luck.replication, luck.seed, luck.draw, self.patient_class)


def resumed(
    snapshot: Snapshot, scenario: Scenario, patient_class: type[Patient] = Patient
) -> Clinic:
    """The clinic of which this is a snapshot; TxsimError where the scenario is another one."""
    if snapshot.design != scenario.digest:
        raise TxsimError(f"the snapshot is not of {scenario.name}, or of that as it was once")
    luck = snapshot.luck
    return Clinic(
        scenario, luck.replication, luck.seed, luck.draw, patient_class, snapshot=snapshot
    )


def lived(
    scenarios: Sequence[Scenario],
    replication: int,
    seed: int,
    draw: Draw | int | None,
    patient_class: type[Patient] = Patient,
) -> list[Clinic]:
    """The clinics of all designs in one replication, each run to its horizon."""
    luck = Luck(seed, replication, draw_of(draw, seed))
    return Lineage(scenarios, luck, patient_class).run()


def _live(branch: Branch, clinic: Clinic, clinics: dict[int, Clinic]) -> None:
    """Live through a clinic and all that go on from it; keep those that are wanted."""
    for one in sorted(branch.later, key=lambda later: later.day or 0):
        reach(clinic, one.day or 0)
        _live(one, clinic.gone_on_with(one.scenario), clinics)
    if branch.wanted:
        clinic.run()
        clinics[id(branch)] = clinic
    else:
        clinic.close()


def _branched_off(clinic: Clinic, scenario: Scenario, day: int) -> Clinic:
    """The clinic of a design that leaves another's path on a day; the other is let go of."""
    reach(clinic, day)
    clinic.close()
    return clinic.gone_on_with(scenario)


def reach(clinic: Clinic, day: int) -> None:
    """Live up to the morning of a day, or to the horizon; day 0 is begun."""
    clinic.run_until(min(day, clinic.horizon))
    if clinic.day == 0:
        clinic.start_counting()
