"""Does a scenario make sense: do its tables agree with each other and with the catalogue?

Every check adds what it finds and lets the next one go on, so that a planner reads all mistakes
at once. Whatever is wrong by itself is left out here, so that one mistake is not told twice.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from math import ceil, floor
from typing import Any

from pydantic import ValidationError

from txsim.catalogue import Catalogue, Service, TakeHome
from txsim.catalogue.draw import CentralValues
from txsim.catalogue.strengths import Strengths
from txsim.catalogue.vocabulary import CONTINUOUS_TRAITS, SUBSTANCES, SYMPTOMS
from txsim.errors import Problem, ScenarioError
from txsim.scenario.design import Scenario
from txsim.scenario.mistakes import Mistake, shown_value, unknown
from txsim.scenario.paths import Unreachable, below
from txsim.scenario.roster import doubts, drawn_from_few, read_roster
from txsim.scenario.size import beyond_size
from txsim.scenario.toml_lines import Path
from txsim.scenario.working_hours import what_does_not_fit
from txsim.units import log_effect

SHARES_MAY_MISS_ONE_BY = 0.001
"""How far shares may sum from 1, so that thirds can be written as 0.333."""

TOLERANCE = 1e-4
"""Rounding errors of a solved figure, in units of its last decimal shown."""

BARRIER_SUFFIX = "_barrier"
"""A barrier may be written `transport_barrier`, which reads better beside traits."""


class Meaning:
    """The checks of one scenario; `mistakes` and `warnings` hold what they found."""

    def __init__(
        self,
        scenario: Scenario,
        catalogue: Catalogue,
        values: Mapping[str, Any],
        spoilt: set[Path],
    ) -> None:
        """Prepare to check `scenario`; `values` is what was written, `spoilt` already reported."""
        self.scenario = scenario
        self.catalogue = catalogue
        self.values = values
        self.spoilt = spoilt
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self.roster_problems: list[Problem] = []
        self.roster_warnings: list[Problem] = []
        self.roster_substances: set[str] = set()
        self.misnamed: set[Path] = set()

    def check(self) -> None:
        """Run all checks."""
        self._population()
        self._roster()
        self._arrivals()
        self._clinic()
        self._staff()
        self._medication()
        self._names_in_blocks()
        believed = [
            name for name in self.scenario.effects.override if self._can_be_read("services", name)
        ]
        strengths = Strengths(self.catalogue, CentralValues(), believed)
        for name, service in self.catalogue.services.items():
            if service.offered:
                self._offered(name, service)
                self._reaches_its_targets(name, service, strengths)
        self.warnings += what_does_not_fit(self.scenario, self.catalogue)
        self._change()
        self._economics()
        for mistake in beyond_size(self.scenario, self.catalogue):
            self._wrong(mistake)

    def settled(self) -> Scenario:
        """The scenario in which what can be said in two ways is said in one.

        Every share stands under the catalogue's own name, and the waiting list agrees with the
        services for people who wait.
        """
        shares = {
            self._own_name(name): share for name, share in self.scenario.population.shares.items()
        }
        population = self.scenario.population.model_copy(update={"shares": shares})
        services, clinic = self.catalogue.services, self.scenario.clinic
        waiting_list = clinic.waiting_list.model_copy(
            update={
                "interim_dosing": services["interim_dosing"].offered,
                "same_day_start": clinic.waiting_list.same_day_start or self._same_day_share(),
            }
        )
        clinic = clinic.model_copy(update={"waiting_list": waiting_list})
        settled = self.scenario.model_copy(update={"population": population, "clinic": clinic})
        settled.__dict__["catalogue"] = self.catalogue  # known already: no need to make it again
        return settled

    def _same_day_share(self) -> float:
        """Share started on the day of asking: the practice's uptake where it is offered."""
        practice = self.catalogue.services["same_day_start"]
        return practice.uptake.value if practice.offered else 0.0

    # --- what the tables say -------------------------------------------------------------------

    def _population(self) -> None:
        population, path = self.scenario.population, ("population",)
        if population.mix is not None:
            if population.roster is not None:
                message = "mix and roster exclude each other; keep one"
                self._wrong(Mistake((*path, "roster"), message))
            self._known("mix", population.mix, self.catalogue.mixes, (*path, "mix"))
        known = [
            *(name for name in self.catalogue.traits if name not in CONTINUOUS_TRAITS),
            *self.catalogue.diagnoses,
            *self.catalogue.barriers,
        ]
        for name in population.shares:
            kind = "trait, diagnosis or barrier"
            self._known(kind, self._own_name(name), known, (*path, "shares", name))
        distance = population.distance_km
        if distance is not None and distance.p90 <= distance.median:
            self._wrong(
                Mistake(
                    (*path, "distance_km", "p90"),
                    "nine in ten people cannot live nearer than half of them",
                    got=f"{distance.p90:g}",
                    allowed=f"more than the median, {distance.median:g}",
                )
            )

    def _own_name(self, name: str) -> str:
        bare = name.removesuffix(BARRIER_SUFFIX)
        return bare if bare in self.catalogue.barriers else name

    def _roster(self) -> None:
        path = self.scenario.roster_path
        if path is None:
            return
        folder, name = self.scenario._folder, self.scenario.population.roster or ""
        if folder is None:
            folder, name = path.parent, path.name
        try:
            below(folder, name)
        except Unreachable as refusal:
            place, got = ("population", "roster"), shown_value(self.scenario.population.roster)
            self._wrong(Mistake(place, str(refusal), got=got))
            return
        try:
            roster = read_roster(path, self.catalogue)
        except ScenarioError as error:
            self.roster_problems += error.problems
        else:
            self.roster_warnings += doubts(roster)
            self.roster_substances = {row.substance for row in roster.rows}
            arrivals, days = self.scenario.arrivals, self.scenario.horizon.days
            asking = arrivals.cohort or round(arrivals.per_week * days / 7.0)
            for message in drawn_from_few(roster.rows, asking):
                self._odd(("population", "roster"), message)

    def _arrivals(self) -> None:
        arrivals, path = self.scenario.arrivals, ("arrivals",)
        for name in arrivals.streams:
            self._known("stream", name, self.catalogue.streams, (*path, "streams", name))
        self._shares_sum_to_one(arrivals.streams, (*path, "streams"))
        if arrivals.cohort is not None:
            if self._said("arrivals", "per_week") is not None:
                message = "cohort and per_week exclude each other; keep one"
                self._wrong(Mistake((*path, "cohort"), message))
            if arrivals.enrolled and arrivals.cohort > self.scenario.clinic.places:
                message = (
                    "more people enrolled than treatment slots; raise clinic.places, or leave "
                    "enrolled out and let the others wait"
                )
                got, most = str(arrivals.cohort), f"at most {self.scenario.clinic.places}"
                self._wrong(Mistake((*path, "cohort"), message, got, most))
            elif arrivals.cohort > self.scenario.clinic.places:
                self._odd((*path, "cohort"), "more people than treatment slots: the others wait")
            if arrivals.inpatient_days > 0 and not arrivals.enrolled:
                message = "people live on the unit on which they are treated: set enrolled = true"
                self._wrong(Mistake((*path, "inpatient_days"), message))
        elif arrivals.per_week == 0 and not self._is_spoilt((*path, "per_week")):
            self._odd((*path, "per_week"), "nobody asks for treatment")

    def _clinic(self) -> None:
        clinic, path = self.scenario.clinic, ("clinic",)
        if not clinic.open_days and not self._is_spoilt((*path, "open_days")):
            message = "the clinic needs a day on which it is open"
            self._wrong(Mistake((*path, "open_days"), message))
        if clinic.places == 0:
            self._odd((*path, "places"), "a clinic without treatment slots treats nobody")

    def _staff(self) -> None:
        for role, post in self.scenario.staff.items():
            path = ("staff", role)
            self._known("role", role, self.catalogue.roles, path)
            if post.minutes_per_week == 0 and post.posts > 0:
                self._odd((*path, "minutes_per_week"), "these posts have no minutes")

    def _medication(self) -> None:
        medication, path = self.scenario.medication, ("medication",)
        if medication.assign != "by preference":
            self._assigned(medication.assign, (*path, "assign"))
        rules = medication.take_home
        if isinstance(rules, str):
            self._known("take-home rule set", rules, self.catalogue.take_home, (*path, "take_home"))
        elif not self._is_spoilt((*path, "take_home")):
            try:
                TakeHome(label="own steps", steps=rules, source="design")
            except ValidationError as error:
                message = error.errors()[0]["msg"].rpartition("steps: ")[2]
                self._wrong(Mistake((*path, "take_home"), message))
        taper = medication.taper
        if taper.days > 0 and taper.from_day >= self.scenario.days_simulated:
            self._odd((*path, "taper", "from_day"), "the taper begins after the last day simulated")

    def _assigned(self, assigned: Mapping[str, float], path: Path) -> None:
        known = self.catalogue.medications
        written = self._said("medication", "assign")
        for name in assigned:
            place = path if isinstance(written, str) else (*path, name)
            self._known("medication", name, known, place)
        if any(name not in known for name in assigned) or self._is_spoilt(path):
            return
        here = self._substances()
        needless = [name for name in assigned if here and known[name].substance not in here]
        if needless:
            message = f"nobody in this population comes for {known[needless[0]].substance}"
            self._wrong(Mistake(path, message, got=", ".join(needless)))
        for substance in () if needless else here:
            shares = {n: s for n, s in assigned.items() if known[n].substance == substance}
            if shares:
                self._shares_sum_to_one(shares, path, f"the shares for {substance} ")
            else:
                names = [name for name, one in known.items() if one.substance == substance]
                message = f"no medication is assigned to the people who come for {substance}"
                self._wrong(Mistake(path, message, allowed=", ".join(names)))
        for name, share in assigned.items():
            carrier = known[name].service
            service = self.catalogue.services.get(carrier)
            if share > 0 and service is not None and not service.offered:
                message = f"{name} is assigned, and given at these visits; they must be offered"
                self._wrong(Mistake(("services", carrier, "offered"), message))

    def _substances(self) -> list[str]:
        """The substances for which people come; empty when that is not known."""
        mix = self.catalogue.mixes.get(self.scenario.population.mix or "")
        if mix is None:
            return [name for name in SUBSTANCES if name in self.roster_substances]
        share = mix.opioid_share.value
        return [name for name, part in (("opioid", share), ("alcohol", 1.0 - share)) if part > 0]

    # --- the scenario's own blocks and what is offered -----------------------------------------

    def _names_in_blocks(self) -> None:
        for problem in self.catalogue.reference_problems():
            allowed = "" if problem.suggestion else problem.allowed
            suggestion = f'"{problem.suggestion}"' if problem.suggestion else ""
            path, got = _path_of(problem.path, self.values), problem.got.replace("'", '"')
            self.misnamed.add(path[:2])
            self._wrong(Mistake(path, problem.message, got, allowed, suggestion))

    def _offered(self, name: str, service: Service) -> None:
        path = ("services", name)
        staff = self.scenario.staff
        if service.role in self.catalogue.roles and service.minutes > 0:
            posts = [
                staff[role].posts for role in (service.role, *service.may_also) if role in staff
            ]
            if not any(posts) and not self._is_spoilt(("staff", service.role)):
                message = f"offered, but there is no {service.role} post to give it"
                if any(
                    one.take_home and one.service == name
                    for one in self.catalogue.medications.values()
                ):
                    message += "; doses under observation are given by an agency"
                self._odd(path, message)
        if service.helps and service.is_free:
            message = "this helps, and takes nobody's time and no money; nothing that helps is free"
            self._odd(path, message)
        if name == "intake_assessment" and service.may_also:
            message = "intakes are held by their own role alone"
            self._wrong(Mistake((*path, "may_also"), message, got=", ".join(service.may_also)))
        if service.kind == "group":
            people = self.scenario.arrivals.cohort or self.scenario.clinic.places
            if service.seats > people > 0:
                self._odd((*path, "seats"), f"more seats ({service.seats}) than people ({people})")
            if self._said("services", name, "sessions_per_week") == 0:
                message = "0 means one group every every_days days; offered = false stops it"
                self._odd((*path, "sessions_per_week"), message)

    def _reaches_its_targets(self, name: str, service: Service, strengths: Strengths) -> None:
        """Can the service's channels carry the effects that were published, or are believed?"""
        block = ("services", name)
        if not self._can_be_read(*block):
            return
        try:
            beyond = strengths.beyond(name, service)
        except ValueError:
            message = "these channels cannot produce these targets together; name other channels"
            got = f"{', '.join(service.through)} for {', '.join(service.targets)}"
            self._wrong(Mistake((*block, "through"), message, got))
            return
        self._stays_within_the_cap(name, service)
        for one in beyond:
            number = service.targets[one.target]
            figures = "symptom_ceiling" if one.channel.startswith(SYMPTOMS) else "ceiling"
            table = "diagnoses" if one.channel.startswith(SYMPTOMS) else "mediators"
            ceiling = (table, one.channel.removeprefix(SYMPTOMS), figures)
            message = (
                f"the effect of {name} on {one.target} is stronger than {one.channel} can carry: "
                f"it would have to move by {_rounded_up(one.needed)} sd units, and all services "
                f"together may move it by {one.ceiling:g}; choose a weaker effect, or raise "
                f"{'.'.join(ceiling)}"
            )
            allowed = ""
            if one.strongest is not None:
                allowed = f"{_towards(number.no_effect, one.strongest)} to {number.no_effect:g}"
            places: list[Path] = [
                ("effects", "override", name, one.target),
                (*block, "targets", one.target),
                ceiling,
            ]
            place = next((path for path in places if self._said(*map(str, path))), places[1])
            self._wrong(Mistake(place, message, f"{number.unit} {number.value:g}", allowed))

    def _can_be_read(self, table: str, name: str) -> bool:
        """Whether nothing was found wrong with a block by itself, and all it names exists."""
        return (table, name) not in self.misnamed and not self._is_spoilt((table, name))

    def _stays_within_the_cap(self, name: str, service: Service) -> None:
        """Is an effect on leaving that somebody believes in one that services can have at all?"""
        cap, believed = self.catalogue.model["psychosocial_cap"], self.scenario.effects.override
        if "dropout" not in believed.get(name, {}):
            return
        number = service.targets["dropout"]
        if log_effect(number.value, number.unit) < log_effect(cap.value, cap.unit):
            message = (
                "the effect is stronger than all services together may have on leaving; choose a "
                "weaker effect, or lower model.psychosocial_cap"
            )
            got, least = f"{number.unit} {number.value:g}", f"{cap.value:g} or more"
            self._wrong(Mistake(("effects", "override", name, "dropout"), message, got, least))

    def _change(self) -> None:
        if self.scenario.change.from_day >= self.scenario.days_simulated:
            self._odd(("change", "from_week"), "the change begins after the last day simulated")

    def _economics(self) -> None:
        currency = self.scenario.economics.currency
        if currency != self.catalogue.costs.currency:
            message = f"prices that are not replaced are still in {self.catalogue.costs.currency}"
            self._odd(("economics", "currency"), message)
        fees = self.scenario.clinic.fees
        if fees.per_day > 0 and fees.currency != currency:
            self._odd(("clinic", "fees", "currency"), f"all other money is in {currency}")

    # --- how findings are kept -----------------------------------------------------------------

    def _known(self, kind: str, name: str, known: Iterable[str], path: Path) -> None:
        names = list(known)
        if name not in names:
            self._wrong(unknown(kind, name, names, path))

    def _shares_sum_to_one(
        self, shares: Mapping[str, float], path: Path, what: str = "the shares "
    ) -> None:
        total = sum(shares.values())
        if abs(total - 1.0) > SHARES_MAY_MISS_ONE_BY and not self._is_spoilt(path):
            self._wrong(Mistake(path, f"{what}must sum to 1", got=f"{total:.4g}"))

    def _wrong(self, mistake: Mistake) -> None:
        if not self._is_spoilt(mistake.path):
            self.mistakes.append(mistake)

    def _odd(self, path: Path, message: str) -> None:
        self.warnings.append(Mistake(path, message))

    def _said(self, *path: str) -> Any:
        """What was written at a path; None when nothing was."""
        here: Any = self.values
        for key in path:
            here = here.get(key) if isinstance(here, Mapping) else None
        return here

    def _is_spoilt(self, path: Path) -> bool:
        """Whether something at the path, above or below it is already reported."""
        return path in self._around_spoilt or any(
            path[:length] in self.spoilt for length in range(len(path) + 1)
        )

    @cached_property
    def _around_spoilt(self) -> set[Path]:
        """What is reported, and every table around it."""
        return {path[:length] for path in self.spoilt for length in range(len(path) + 1)}


def _rounded_up(figure: float) -> str:
    """A figure with two decimals, never less than it is."""
    return f"{ceil(figure * 100.0) / 100.0:g}"


def _towards(no_effect: float, figure: float) -> str:
    """A figure with three decimals, rounded so that it stands for no more of an effect."""
    if figure < no_effect:
        return f"{ceil(figure * 1000.0 - TOLERANCE) / 1000.0:g}"
    return f"{floor(figure * 1000.0 + TOLERANCE) / 1000.0:g}"


def _path_of(text: str, values: Mapping[str, Any]) -> Path:
    """The keys of a dotted path, some of which may hold full stops themselves."""
    path: list[str | int] = []
    here: Any = values
    while text:
        keys = list(here) if isinstance(here, Mapping) else []
        fits = [key for key in keys if text == key or text.startswith(f"{key}.")]
        key = max(fits, key=len) if fits else text.partition(".")[0]
        path.append(key)
        here = here.get(key) if isinstance(here, Mapping) else None
        text = text[len(key) + 1 :]
    return tuple(path)
