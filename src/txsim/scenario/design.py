"""A clinic design as it will be simulated: every table checked, with the catalogue it rests on."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PrivateAttr

from txsim.catalogue import Catalogue, TakeHome, load_catalogue
from txsim.catalogue.limits import MOST_ENTRIES, EntryName, Few, Name
from txsim.errors import Problem, ScenarioError
from txsim.scenario.adjustments import (
    with_grades,
    with_local_effects,
    with_posts,
    with_prices,
    with_waiting_list,
)
from txsim.scenario.blocks import plain, with_blocks
from txsim.scenario.files import LARGEST_ROSTER, bytes_of
from txsim.scenario.merging import leaves_of, merge, set_at
from txsim.scenario.mistakes import Mistake, Origins
from txsim.scenario.schema import (
    Arrivals,
    Change,
    ClinicSection,
    Decision,
    Economics,
    Effects,
    Horizon,
    Mechanisms,
    MedicationSection,
    Plan,
    Population,
    Post,
    Report,
    Rules,
    Section,
    Words,
)
from txsim.scenario.schema_errors import shaped
from txsim.scenario.toml_lines import Path

if TYPE_CHECKING:
    from txsim.scenario.roster import RosterRow

Block = dict[str, Any]
Blocks = Annotated[dict[EntryName, Block], Field(max_length=MOST_ENTRIES)]

BLOCK_TABLES = (
    "roles",
    "mediators",
    "hazards",
    "traits",
    "diagnoses",
    "barriers",
    "second_substances",
    "services",
    "medications",
    "streams",
    "take_home",
    "mixes",
    "model",
)
"""Tables of a scenario whose blocks add to the catalogue or change it."""


ONLY_TOLD = ("title", "question", "decision", "report")
"""What is said of a design, and how it is told: no result depends on it."""


class Scenario(Section):
    """A clinic design, checked and unchangeable; `with_changes` makes another one of it."""

    title: Words = ""
    """What the design is called in reports."""
    question: Words = ""
    """The question it was written to answer, in plain words."""
    horizon: Horizon = Horizon()
    """How long is simulated, and how the clinic looks on the first day."""
    population: Population = Population()
    """Who asks for treatment."""
    arrivals: Arrivals = Arrivals()
    """How people come."""
    clinic: ClinicSection = ClinicSection()
    """Treatment slots, opening hours, waiting list and fees."""
    staff: Annotated[dict[Name, Post], Few] = Field(default_factory=dict)
    """Full-time posts (FTE) by role (`txsim catalogue roles`)."""
    medication: MedicationSection = MedicationSection()
    """Which medication people are put on."""
    plan: Plan = Plan()
    """How services are allotted."""
    rules: Rules = Rules()
    """When the clinic ends care."""
    effects: Effects = Effects()
    """Which evidence counts."""
    mechanisms: Mechanisms = Mechanisms()
    """Which parts of the model are switched on."""
    economics: Economics = Economics()
    """Prices of one's own."""
    change: Change = Change()
    """When the design begins to differ."""
    decision: Decision = Decision()
    """What differences must be to matter."""
    report: Report = Report()
    """How the report is written."""
    services: Blocks = Field(default_factory=dict)
    """What differs from the catalogue's services, and new services (`txsim catalogue services`)."""
    medications: Blocks = Field(default_factory=dict)
    """Changed or new medications."""
    diagnoses: Blocks = Field(default_factory=dict)
    """Changed or new diagnoses."""
    barriers: Blocks = Field(default_factory=dict)
    """Changed or new barriers."""
    second_substances: Blocks = Field(default_factory=dict)
    """Changed or new second substances."""
    roles: Blocks = Field(default_factory=dict)
    """Changed or new roles."""
    traits: Blocks = Field(default_factory=dict)
    """Changed traits."""
    mediators: Blocks = Field(default_factory=dict)
    """Changed or new mediators."""
    hazards: Blocks = Field(default_factory=dict)
    """Changed hazards."""
    mixes: Blocks = Field(default_factory=dict)
    """Changed or new case mixes."""
    streams: Blocks = Field(default_factory=dict)
    """Changed or new ways of coming."""
    take_home: Blocks = Field(default_factory=dict)
    """Changed or new sets of take-home rules."""
    model: Annotated[dict[Name, Block | float], Few] = Field(default_factory=dict)
    """Changed figures of the model itself."""

    _name: str = PrivateAttr("")
    _folder: FilePath | None = PrivateAttr(None)
    _warnings: tuple[str, ...] = PrivateAttr(())
    _before: "Scenario | None" = PrivateAttr(None)
    _roster_read: str | None = PrivateAttr(None)
    _origins: Origins = PrivateAttr(default_factory=lambda: Origins(""))
    _said: frozenset[Path] = PrivateAttr(frozenset())

    @property
    def name(self) -> str:
        """Name of the design: that of its file, unless it was given another."""
        return self._name

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed but was perhaps not meant, such as a role without posts."""
        return self._warnings

    def told(self, mistake: Mistake) -> Problem:
        """What is found later about the design, with the file and line that said it, if any did."""
        return self._origins.problem(mistake)

    @property
    def before(self) -> "Scenario | None":
        """The clinic as it is run until the change begins, where the design says so.

        It is the nearest design that this one extends, or was made from by `with_changes`, and
        that differs in more than when it begins. None without such a design, or without a change.
        """
        return self._before if self.change.is_later else None

    @property
    def said(self) -> frozenset[Path]:
        """Where a planner set something, in files of her own or by `with_changes`."""
        return self._said

    @property
    def roster_path(self) -> FilePath | None:
        """The roster file, or None when the people come from a mix."""
        if self.population.roster is None:
            return None
        return (self._folder or FilePath()) / self.population.roster

    @property
    def roster_content(self) -> str | None:
        """SHA-256 of the roster as it was when the design was read; None without one."""
        path = self.roster_path
        return None if path is None else self._roster_read or _content_of(path)

    def roster_rows(self) -> "list[RosterRow]":
        """The people of the roster; empty when the people come from a mix.

        Raises ScenarioError when the file is no longer what it was when the design was read.
        """
        from txsim.scenario.roster import load_roster

        path = self.roster_path
        if path is None:
            return []
        if _content_of(path) != self.roster_content:
            raise ScenarioError(
                Problem(
                    path="population.roster",
                    message=f"the roster has been changed since {self._name or 'the design'} was "
                    "read; read the design again",
                )
            )
        return load_roster(path, self.catalogue)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue with this scenario's own blocks, effects, posts and prices in it.

        Raises ScenarioError when the scenario was made by hand and does not fit the catalogue.
        """
        catalogue, mistakes = adjusted_catalogue(self)
        if mistakes:
            raise Origins(self._name or "scenario").error(mistakes)
        return catalogue

    @property
    def take_home_rules(self) -> TakeHome:
        """The rules on take-home doses: a set of the catalogue, or the scenario's own steps."""
        rules = self.medication.take_home
        if isinstance(rules, str):
            return self.catalogue.take_home[rules]
        return TakeHome(label="own steps", steps=rules, source="design")

    @property
    def days_simulated(self) -> int:
        """Days from day 0 to the end: accrual and follow-up, or the length of a cohort's run."""
        follow_up = 0 if self.arrivals.cohort is not None else self.horizon.follow_up_days
        return self.horizon.days + follow_up

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that can change results; neither name nor wording counts.

        A roster counts by its content.
        """
        values = self._all_that_counts()
        if self.before is not None:
            values["before"] = self.before.digest
        return _digest_of(values)

    def _all_that_counts(self) -> dict[str, Any]:
        """Everything said that can change results, the content of a roster in place of its name."""
        values = self.model_dump(mode="json", exclude=set(ONLY_TOLD))
        if self.population.roster is not None:
            values["population"]["roster"] = self.roster_content
        return values

    def changes_into(self, other: "Scenario") -> bool:
        """Whether another design differs from this one in more than when it begins."""
        mine, theirs = self._all_that_counts(), other._all_that_counts()
        return {**mine, "change": None} != {**theirs, "change": None}

    def with_changes(self, name: str | None = None, **sections: Any) -> "Scenario":
        """Another design: this one with `sections` put over it, as a file that extends it would.

        A section is a table, `staff={"counsellor": {"posts": 8}}`, or a dotted path,
        `**{"staff.counsellor.posts": 8}`; None takes a key back to its default. Raises
        ScenarioError, which lists every mistake.
        """
        changes: dict[str, Any] = {}
        for path, change in sections.items():
            set_at(changes, tuple(path.split(".")), plain(change))
        changes = plain(changes)
        new_name = self._name if name is None else name
        said = {*self._said, *leaves_of(changes)}
        origins = Origins(f"changes to {self._name or 'a scenario'}", said=said)
        values = merge(self.values(), changes)
        changed = checked(values, name=new_name, folder=self._folder, origins=origins)
        return with_before(changed, (self, self._before))

    def values(self) -> dict[str, Any]:
        """All that the scenario says, defaults included, as a file could say it."""
        values: dict[str, Any] = plain(self.model_dump(exclude_none=True))
        if self.arrivals.cohort is not None:
            del values["arrivals"]["per_week"]
        return {key: value for key, value in values.items() if value not in ({}, "")}

    def value(self, path: str) -> Any:
        """What stands at a dotted path, such as "staff.counsellor.posts".

        What a scenario leaves to the catalogue is found there. Raises KeyError for a path that
        leads nowhere.
        """
        keys = path.split(".")
        found = _at(self, keys)
        if found is None and keys[0] in BLOCK_TABLES:
            found = _at(self.catalogue, keys)
        if found is None:
            raise KeyError(path)
        return found

    def to_toml(self) -> str:
        """The scenario as TOML which says everything and extends nothing."""
        import tomlkit

        return tomlkit.dumps(self.values())

    def __eq__(self, other: object) -> bool:
        """Whether name, wording and all that can change results are the same."""
        if not isinstance(other, Scenario):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[str, ...]:
        told = (self.title, self.question, self.decision.model_dump_json(), self.report.locale)
        return (self._name, *told, self.digest)

    def __repr__(self) -> str:
        """One line: name, size, demand, length."""
        arrivals = self.arrivals
        asking = f"{arrivals.per_week:g} asking a week"
        if arrivals.cohort is not None:
            asking = f"a cohort of {arrivals.cohort}"
        name = self._name or "unnamed"
        size = f"{self.clinic.places} treatment slots"
        return f"Scenario({name}: {size}, {asking}, {self.horizon.days} days)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes as text; the catalogue is put together again on arrival."""
        folder = None if self._folder is None else str(self._folder)
        known = (self._name, folder, self._warnings, self._roster_read, self.before)
        return (_arrived, (self.model_dump_json(), *known))


@lru_cache(maxsize=64)
def _arrived(
    text: str,
    name: str,
    folder: str | None,
    warnings: tuple[str, ...],
    roster_read: str | None,
    before: Scenario | None,
) -> Scenario:
    """A scenario sent from another process; sent again, it is the same object."""
    scenario = Scenario.model_validate_json(text)
    scenario = _named(scenario, name, None if folder is None else FilePath(folder), warnings)
    scenario._roster_read = roster_read
    return with_before(scenario, (before,))


def with_before(scenario: Scenario, candidates: Iterable[Scenario | None]) -> Scenario:
    """The scenario, knowing what it changes from: the first candidate that it differs from."""
    if scenario.change.is_later:
        found = (one for one in candidates if one is not None and one.changes_into(scenario))
        scenario._before = next(found, None)
    return scenario


def _named(
    scenario: Scenario, name: str, folder: FilePath | None, warnings: tuple[str, ...]
) -> Scenario:
    scenario._name = name
    scenario._folder = folder
    scenario._warnings = warnings
    return scenario


def _content_of(roster: FilePath) -> str:
    return hashlib.sha256(bytes_of(roster, LARGEST_ROSTER)).hexdigest()


def _digest_of(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def adjusted_catalogue(scenario: Scenario) -> tuple[Catalogue, list[Mistake]]:
    """The shipped catalogue with all that a scenario changes in it, and what is wrong there."""
    tables = {table: blocks for table in BLOCK_TABLES if (blocks := getattr(scenario, table))}
    catalogue, mistakes = with_blocks(load_catalogue(), tables)
    catalogue = with_grades(catalogue, scenario.effects.grades)
    catalogue, more = with_local_effects(catalogue, scenario.effects.override)
    catalogue = with_waiting_list(catalogue, scenario.clinic.waiting_list)
    catalogue = with_posts(catalogue, scenario.staff)
    catalogue, still_more = with_prices(catalogue, scenario.economics.prices)
    return catalogue, [*mistakes, *more, *still_more]


def checked(
    values: Mapping[str, Any], *, name: str, folder: FilePath | None, origins: Origins
) -> Scenario:
    """The scenario that `values` describe; ScenarioError with all mistakes, each in its place."""
    from txsim.scenario.cross_checks import Meaning
    from txsim.scenario.plausibility import implausible
    from txsim.scenario.without_effect import without_effect

    scenario, mistakes = shaped(Scenario, plain(values), Scenario.model_validate)
    if scenario is None:
        raise origins.error(mistakes)
    spoilt = {mistake.path for mistake in mistakes}
    _named(scenario, name, folder, ())
    catalogue, found_later = adjusted_catalogue(scenario)
    around = {path[:length] for path in spoilt for length in range(1, len(path) + 1)}
    more = [mistake for mistake in found_later if mistake.path not in around]
    meaning = Meaning(scenario, catalogue, values, spoilt | {mistake.path for mistake in more})
    meaning.check()
    problems: list[Problem] = meaning.roster_problems
    if mistakes or more or meaning.mistakes or problems:
        found = origins.error([*mistakes, *more, *meaning.mistakes]).problems
        raise ScenarioError([*found, *problems])
    settled = meaning.settled()
    odd = [
        *meaning.warnings,
        *implausible(scenario, catalogue, values),
        *without_effect(settled, catalogue, values, origins.said),
    ]
    told = [*map(origins.problem, odd), *meaning.roster_warnings]
    settled = _named(settled, name, folder, tuple(map(str, told)))
    settled._origins, settled._said = origins, frozenset(origins.said)
    settled._roster_read = settled.roster_content
    return settled


def _at(here: Any, keys: list[str]) -> Any:
    for key in keys:
        here = here.get(key) if isinstance(here, Mapping) else getattr(here, key, None)
    return getattr(here, "value", here)
