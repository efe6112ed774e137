"""The setting that a scenario makes for its keys: what there is for each of them to act on."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from txsim.catalogue import Catalogue, Service
from txsim.scenario.design import Scenario
from txsim.scenario.schema import Post

if TYPE_CHECKING:
    from txsim.scenario.roster import RosterRow

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
INTAKE = "intake_assessment"
DRAWN_OTHERWISE = {
    "under_25": "age",
    "far_from_clinic": "the distance to the clinic",
    "court": "arrivals.streams",
    "jail_release": "arrivals.streams",
    "low_dose": "the medication and medication.dose",
}
"""Traits that follow from something else, so that no share of them is drawn."""


class Setting:
    """A scenario with its catalogue, and answers to what is in it."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue) -> None:
        """Look at `scenario`, whose blocks are in `catalogue` already."""
        self.scenario = scenario
        self.catalogue = catalogue

    # --- people

    @property
    def closed(self) -> bool:
        """Whether everybody asks on day 0."""
        return self.scenario.arrivals.cohort is not None

    @cached_property
    def substances(self) -> frozenset[str]:
        """The substances for which people come; both where a roster says who they are."""
        mix = self.catalogue.mixes.get(self.scenario.population.mix or "")
        if mix is None:
            return frozenset(("opioid", "alcohol"))
        share = mix.opioid_share.value
        return frozenset(
            name for name, part in (("opioid", share), ("alcohol", 1.0 - share)) if part > 0.0
        )

    def share_of(self, name: str) -> float:
        """The largest share of people who come with a trait, diagnosis or barrier."""
        population, mix = self.scenario.population, self.catalogue.mixes
        if population.roster is not None or name in DRAWN_OTHERWISE:
            return 1.0
        if name in population.shares:
            return population.shares[name]
        own = mix[population.mix].shares if population.mix in mix else {}
        if name in own:
            return own[name].value
        catalogue = self.catalogue
        for table in (catalogue.traits, catalogue.diagnoses, catalogue.barriers):
            if name in table:
                given = [getattr(table[name], substance) for substance in self.substances]
                return max((one.value for one in given if one is not None), default=0.0)
        return 0.0

    @cached_property
    def second_substances(self) -> tuple[str, ...]:
        """What somebody uses, or would with `mechanisms.second_substance`, beside the first."""
        return tuple(
            name
            for name, one in self.catalogue.second_substances.items()
            if self.share_of(one.who) > 0.0
        )

    def roster_says(self, name: str) -> bool:
        """Whether the roster knows something of everybody: a column, a diagnosis or a barrier."""
        if self.scenario.population.roster is None:
            return False
        if name in self.catalogue.diagnoses:
            name = "diagnoses"
        elif name in self.catalogue.barriers:
            name = "barriers"
        return all(getattr(row, name, None) is not None for row in self._rows)

    @cached_property
    def _rows(self) -> "list[RosterRow]":
        return self.scenario.roster_rows()

    @property
    def longest_closed(self) -> int:
        """Days running for which the clinic is closed at most."""
        days = [day in self.scenario.clinic.open_days for day in WEEK]
        runs = "".join("o" if is_open else "c" for is_open in (*days, *days)).split("o")
        return min(max(len(run) for run in runs), len(WEEK))

    # --- medication

    @cached_property
    def given(self) -> frozenset[str]:
        """Medications that somebody is put on; care without one is not among them."""
        assign, known = self.scenario.medication.assign, self.catalogue.medications
        chosen = known if assign == "by preference" else [n for n, share in assign.items() if share]
        return frozenset(
            name
            for name in chosen
            if name in known and known[name].service and known[name].substance in self.substances
        )

    @cached_property
    def governed(self) -> frozenset[str]:
        """Of these, medications whose doses take-home rules govern."""
        return frozenset(one for one in self.given if self.catalogue.medications[one].take_home)

    @cached_property
    def carriers(self) -> frozenset[str]:
        """Services whose visits carry the dose of any medication."""
        return frozenset(one.service for one in self.catalogue.medications.values() if one.service)

    # --- services and staff

    @cached_property
    def offered(self) -> dict[str, Service]:
        """Services on offer."""
        return {name: one for name, one in self.catalogue.services.items() if one.offered}

    def delivered(self, *kinds: str) -> bool:
        """Whether a service of one of these kinds is on offer, intakes and doses aside."""
        return any(
            one.kind in kinds and name != INTAKE and name not in self.carriers
            for name, one in self.offered.items()
        )

    @cached_property
    def meets_needs(self) -> bool:
        """Whether a service on offer is for people with a need, or for those found to have one."""
        return any(
            one.serves == "assessed need" or names_a_need(one)
            for one in self.offered.values()
            if one.kind != "practice"
        )

    @cached_property
    def asked_roles(self) -> frozenset[str]:
        """Roles that a service on offer asks for, or that primary counsellors have."""
        roles = {one.role for one in self.offered.values() if takes_minutes(one)}
        also = {role for one in self.offered.values() for role in one.may_also}
        key = {name for name, role in self.catalogue.roles.items() if role.key_worker}
        return frozenset(roles | also | key)

    def post(self, role: str) -> Post:
        """The posts of a role; none where the scenario names none."""
        return self.scenario.staff.get(role, Post())

    @property
    def staffed(self) -> list[str]:
        """Roles with posts."""
        return [role for role, post in self.scenario.staff.items() if post.posts > 0.0]

    def figure(self, role: str, name: str) -> float:
        """A figure of a role, those of the scenario's posts laid over the catalogue's."""
        value: Any = getattr(self.catalogue.roles[role], name)
        return float(getattr(value, "value", value))

    @property
    def anybody_leaves(self) -> bool:
        """Whether staff leave their posts."""
        return self.scenario.mechanisms.turnover and any(
            self.figure(role, "turnover_per_year") > 0.0 for role in self.staffed
        )


def names_a_need(service: Service) -> bool:
    """Whether a service is for people with a named trait, diagnosis or barrier."""
    one = service.indicated
    return bool(one.diagnoses or one.barriers or one.traits)


def takes_minutes(service: Service) -> bool:
    """Whether a service takes minutes of its role, in the way in which it is delivered."""
    mode = service.modes.get(service.mode)
    return bool(service.role) and ((mode.minutes if mode else 0.0) or service.minutes) > 0.0


def costs_money(service: Service) -> bool:
    """Whether a session, a use or a place of a service costs anything beyond staff and rooms."""
    mode = service.modes.get(service.mode)
    by_use = service.cost_per_session.value + (mode.cost_per_use.value if mode else 0.0)
    by_place = service.cost_per_place_day.value if service.kind == "support" else 0.0
    return service.kind != "practice" and by_use + by_place > 0.0


Rule = Callable[..., str]
"""Why a key has no effect in a setting, to be read after these words; nothing where it acts.

It is called with the setting and the names that stand in place of the key's stars.
"""


def always(setting: Setting, *names: str) -> str:
    """Acts in every setting."""
    return ""


def unless(reason: str, is_so: Callable[[Setting], bool]) -> Rule:
    """Has no effect, for this reason, where something is so."""
    return lambda setting, *names: reason if is_so(setting) else ""


def either(*rules: Rule) -> Rule:
    """The first reason of several."""
    return lambda setting, *names: next(filter(None, (one(setting, *names) for one in rules)), "")
