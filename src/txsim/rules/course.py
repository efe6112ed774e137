"""From a scenario to the numbers in force: the records and tables that a day reads.

One course belongs to one design and one draw of the numbers of the world. Everything that is
published on another scale is converted here, through `units`, and nowhere later.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.catalogue import Number
from txsim.catalogue.vocabulary import HAZARDS, SUBSTANCES, SYMPTOMS, Hazard
from txsim.people.draws import ParameterDraw
from txsim.randomness import hash_of_name
from txsim.rules.books import (
    CHANNEL,
    COURSE,
    GROUP,
    IMPOSSIBLE,
    INDIVIDUAL,
    INFLUENCE,
    KINDS,
    MEDICATION,
    ON_BARRIER,
    ON_DRIVER,
    ON_HAZARD,
    PHASES,
    POLICIES,
    REQUIRED_MEDIATORS,
    ROLE,
    SERVICE,
    TAKE_HOME,
    Array,
)
from txsim.rules.gains import Reference, mean_dose, solve_gains
from txsim.units import DAYS_PER_WEEK, per_day

if TYPE_CHECKING:
    from txsim.catalogue import Catalogue, Service
    from txsim.scenario import Scenario

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_PER_MONTH = 365.25 / 12
INTAKE = "intake_assessment"
RIDES = "transport"


def log_odds(chance: float) -> float:
    """Log odds of a chance, with 0 and 1 held a hair away from the ends."""
    chance = min(max(chance, 1e-12), 1.0 - 1e-12)
    return log(chance / (1.0 - chance))


def log_rate(rate: float) -> float:
    """Log of a daily rate; a rate of 0 never happens."""
    return log(rate) if rate > 0.0 else IMPOSSIBLE


def kept_after_a_day(half_life_days: float) -> float:
    """What is left of something after a day, given its half-life."""
    return float(0.5 ** (1.0 / half_life_days)) if half_life_days > 0.0 else 0.0


@dataclass(frozen=True)
class Course:
    """The tables of one design in one draw; never written to by a run (a clinic copies what it
    tallies in)."""

    course: Array
    medications: Array
    services: Array
    channels: Array
    roles: Array
    take_home: Array
    effects: Array
    influences: Array
    influences_from: Array
    medication_effects: Array
    per_visit: Array
    driver_start: Array
    driver_spread: Array
    driver_keys: Array
    driver_kept: Array
    driver_ceiling: Array
    use_raises: Array
    links: Array
    wants: Array
    acts_for: Array
    opening_week: Array
    base: Array
    """Float 2 x H: base of each hazard by substance, log scale; 0 where the base stands elsewhere
    (attendance with the service, entry in the intake curve, dropout with the medication)."""
    feature_effects: Array
    """Float C x H."""
    early_effects: Array
    """Float C: what a feature adds to dropout in the first days."""
    stream_effects: Array
    """Float streams x H."""
    driver_names: tuple[str, ...]
    service_names: tuple[str, ...]
    role_names: tuple[str, ...]
    medication_names: tuple[str, ...]
    posts: tuple[tuple[str, float], ...]
    """Role and size of each post, in order."""


def driver_names(catalogue: Catalogue) -> tuple[str, ...]:
    """The drivers of hazards in order: required mediators, others, symptoms by diagnosis, barriers."""
    others = [name for name in catalogue.mediators if name not in REQUIRED_MEDIATORS]
    return (
        *REQUIRED_MEDIATORS,
        *others,
        *(f"{SYMPTOMS}{name}" for name in catalogue.diagnoses),
        *catalogue.barriers,
    )


def posts_of(scenario: Scenario) -> tuple[tuple[str, float], ...]:
    """Every post of a design: whole posts first, then the part that is left of each role."""
    posts: list[tuple[str, float]] = []
    for role, section in scenario.staff.items():
        left = section.posts
        while left > 1e-9:
            posts.append((role, min(1.0, left)))
            left -= 1.0
    return tuple(posts)


def sparse(effects: Array) -> tuple[Array, Array]:
    """The effects that are not zero as rows of hazard and size, and where each driver's begin."""
    drivers, hazards = np.nonzero(effects)
    rows = np.zeros(max(len(drivers), 1), INFLUENCE)
    rows["hazard"][: len(drivers)] = hazards
    rows["size"][: len(drivers)] = effects[drivers, hazards]
    return rows, np.searchsorted(drivers, np.arange(len(effects) + 1))


class _Builder:
    """Reads a scenario in one draw; the methods follow the tables of the catalogue."""

    def __init__(self, scenario: Scenario, draw: ParameterDraw) -> None:
        self.scenario = scenario
        self.catalogue = scenario.catalogue
        self.draw = draw
        self.drivers = driver_names(self.catalogue)
        self.at = {name: position for position, name in enumerate(self.drivers)}
        self.mediators = len(self.catalogue.mediators)
        self.first_barrier = self.mediators + len(self.catalogue.diagnoses)
        self.features = (
            *self.catalogue.traits,
            *self.catalogue.diagnoses,
            *self.catalogue.barriers,
        )
        self.feature_at = {name: position for position, name in enumerate(self.features)}
        self.services = tuple(self.catalogue.services)
        self.service_at = {name: position for position, name in enumerate(self.services)}
        self.roles = tuple(self.catalogue.roles)
        self.medications = tuple(self.catalogue.medications)

    def model(self, name: str) -> float:
        """A scalar of model.toml."""
        return self.draw.value(f"model.{name}", self.catalogue.model[name])

    def model_effect(self, name: str) -> float:
        return self.draw.effect(f"model.{name}", self.catalogue.model[name])

    def row(self, path: str, effects: dict[str, Number]) -> Array:
        """Effects on hazards as one row, log scale."""
        row = np.zeros(len(HAZARDS))
        for hazard, number in effects.items():
            row[Hazard.named(hazard)] = self.draw.effect(f"{path}.{hazard}", number)
        return row

    # -- what moves hazards

    def driver_tables(self) -> dict[str, Array]:
        count = len(self.drivers)
        tables = {
            "effects": np.zeros((count, len(HAZARDS))),
            "per_visit": np.zeros(count),
            "driver_start": np.zeros(count),
            "driver_spread": np.zeros(count),
            "driver_kept": np.ones(count),
            "driver_ceiling": np.full(count, 9.0),
            "use_raises": np.zeros(count),
        }
        for name, one in self.catalogue.mediators.items():
            j, path = self.at[name], f"mediators.{name}"
            tables["effects"][j] = self.row(f"{path}.effects", one.effects)
            tables["driver_start"][j] = self.draw.value(f"{path}.start", one.start)
            tables["driver_spread"][j] = self.draw.value(f"{path}.spread", one.spread)
            if one.half_life_days is not None:
                half_life = self.draw.value(f"{path}.half_life_days", one.half_life_days)
                tables["driver_kept"][j] = kept_after_a_day(half_life)
            tables["driver_ceiling"][j] = one.ceiling
        for name, ill in self.catalogue.diagnoses.items():
            j, path = self.at[SYMPTOMS + name], f"diagnoses.{name}"
            tables["effects"][j] = self.row(f"{path}.symptom_effects", ill.symptom_effects)
            tables["driver_kept"][j] = kept_after_a_day(
                self.draw.value(f"{path}.symptom_half_life_days", ill.symptom_half_life_days)
            )
            tables["driver_ceiling"][j] = ill.symptom_ceiling
            tables["use_raises"][j] = self.draw.value(f"{path}.use_raises", ill.use_raises)
        for name, barrier in self.catalogue.barriers.items():
            j, path = self.at[name], f"barriers.{name}"
            tables["effects"][j] = self.row(f"{path}.effects", barrier.effects)
            tables["per_visit"][j] = self.draw.value(f"{path}.per_visit", barrier.per_visit)
        return tables

    def base_table(self) -> Array:
        base = np.zeros((2, len(HAZARDS)))
        for name, hazard in self.catalogue.hazards.items():
            h = Hazard.named(name)
            for s, substance in enumerate(SUBSTANCES):
                number = getattr(hazard, substance)
                if number is None:
                    continue
                value = self.draw.value(f"hazards.{name}.{substance}", number)
                base[s, h] = (
                    log_odds(value) if h.is_log_odds else log_rate(per_day(value, number.unit))
                )
        return base

    def feature_tables(self) -> tuple[Array, Array]:
        effects = np.zeros((len(self.features), len(HAZARDS)))
        early = np.zeros(len(self.features))
        for name, trait in self.catalogue.traits.items():
            c, path = self.feature_at[name], f"traits.{name}"
            if name != "low_dose":
                effects[c] = self.row(f"{path}.effects", trait.effects)
                early[c] = self.row(f"{path}.early_effects", trait.early_effects)[Hazard.DROPOUT]
        for name, ill in self.catalogue.diagnoses.items():
            c, path = self.feature_at[name], f"diagnoses.{name}"
            effects[c] = self.row(f"{path}.effects", ill.effects)
            early[c] = self.row(f"{path}.early_effects", ill.early_effects)[Hazard.DROPOUT]
        return effects, early

    def stream_table(self) -> Array:
        return np.array(
            [
                self.row(f"streams.{name}.effects", one.effects)
                for name, one in self.catalogue.streams.items()
            ]
        ).reshape(-1, len(HAZARDS))

    # -- medication

    def assigned_shares(self) -> dict[str, float]:
        assign = self.scenario.medication.assign
        if assign == "by preference":
            return {name: 1.0 for name, one in self.catalogue.medications.items() if one.service}
        assert not isinstance(assign, str)
        return dict(assign)

    def medication_tables(self) -> tuple[Array, Array]:
        rows = np.zeros(len(self.medications), MEDICATION)
        effects = np.zeros((len(self.medications), len(HAZARDS)))
        assigned = self.assigned_shares()
        for m, (name, one) in enumerate(self.catalogue.medications.items()):
            path = f"medications.{name}"
            row = rows[m]
            effects[m] = self.row(f"{path}.effects", one.effects)
            for hazard, offset in one.solved.items():
                effects[m, Hazard.named(hazard)] += offset
            row["substance"] = SUBSTANCES.index(one.substance)
            row["service"] = self.service_at[one.service] if one.service else -1
            row["days_per_visit"] = one.days_per_visit or 1.0
            row["take_home"] = one.take_home
            row["agonist"] = one.agonist
            row["induction_days"] = round(one.induction_days)
            row["induction"] = self.draw.value(f"{path}.induction_success", one.induction_success)
            row["induction_detoxified"] = self.draw.value(
                f"{path}.induction_success_detoxified", one.induction_success_detoxified
            )
            row["adherence"] = self.draw.value(f"{path}.adherence", one.adherence)
            row["completion_after"] = round(one.completion_after_days) or 100_000
            deviate = self.draw.deviate(f"{path}.phases")
            for k in range(4):
                phase = one.phases[min(k, len(one.phases) - 1)]
                row["phase_from"][k] = phase.from_day if k < len(one.phases) else 1_000_000
                shift = (
                    log(phase.dropout.at(deviate) / phase.dropout.value)
                    if self.draw.number is not None
                    else 0.0
                )
                row["phase_dropout"][k] = phase.log_rate + shift
                row["phase_marginal"][k] = per_day(phase.dropout.value, phase.dropout.unit)
            if one.overdose is not None:
                for field, number in (
                    ("overdose_first", one.overdose.in_first_4_weeks),
                    ("overdose_later", one.overdose.in_later),
                    ("overdose_out_first", one.overdose.out_first_4_weeks),
                    ("overdose_out_later", one.overdose.out_later),
                ):
                    row[field] = self.draw.effect(f"{path}.{field}", number)
            row["low_dose_share"] = self.draw.value(f"{path}.low_dose_share", one.low_dose_share)
            row["assigned"] = assigned.get(name, 0.0)
            row["key"] = hash_of_name(f"medication:{name}")
        return rows, effects

    def take_home_steps(self) -> Array:
        rules = self.scenario.medication.take_home
        steps = self.catalogue.take_home[rules].steps if isinstance(rules, str) else rules
        return np.array([(one.from_day, one.days_per_visit, one.clean) for one in steps], TAKE_HOME)

    # -- services

    def reference(
        self, service: Service, tables: dict[str, Array], base: Array, medication: Array
    ) -> Reference:
        """The reference patient's use under the service's usual medication (methadone, or none for
        alcohol)."""
        alcohol = service.indicated.substances == ("alcohol",)
        s = 1 if alcohol else 0
        m = self.medications.index("none_alcohol" if alcohol else "methadone")
        level = base[s] + medication[m] + tables["driver_start"] @ tables["effects"]
        occasional = self.model_effect("occasional_use")
        return Reference(
            level[Hazard.USE],
            level[Hazard.USE] + occasional,
            level[Hazard.REGULAR_USE_BEGINS],
            level[Hazard.REGULAR_USE_ENDS],
        )

    def gains(
        self, name: str, service: Service, tables: dict[str, Array], base: Array, medication: Array
    ) -> list[tuple[int, int, float]]:
        """The channels of a service: kind, target and gain at full dose."""
        channels: list[tuple[int, int, float]] = []
        path = f"services.{name}"
        mode = service.modes.get(service.mode)
        factor = (
            self.draw.value(f"{path}.modes.{service.mode}.factor", mode.factor) if mode else 1.0
        )
        attendance = self.draw.value(f"{path}.attendance", service.attendance)
        builds, kept = self.learning(path, service)
        dose = mean_dose(service, attendance, builds, kept)
        solved: list[tuple[str, Hazard, float]] = []
        given = np.zeros(len(HAZARDS))
        for channel, (target, number) in zip(service.through, service.targets.items(), strict=True):
            if target.startswith(SYMPTOMS):
                size = self.draw.value(f"{path}.targets.{target}", number)
                channels.append((ON_DRIVER, self.at[channel], size / dose))
                given += size * tables["effects"][self.at[channel]]
            else:
                effect = self.draw.effect(f"{path}.targets.{target}", number)
                solved.append((channel, Hazard.named(target), effect))
        if solved:
            effects = np.array([tables["effects"][self.at[channel]] for channel, _, _ in solved])
            found = solve_gains(
                effects,
                [hazard for _, hazard, _ in solved],
                np.array([effect for _, _, effect in solved]),
                dose,
                given,
                self.reference(service, tables, base, medication),
            )
            channels += [
                (ON_DRIVER, self.at[channel], gain)
                for (channel, _, _), gain in zip(solved, found, strict=True)
            ]
        for mediator, number in service.raises.items():
            channels.append(
                (ON_DRIVER, self.at[mediator], self.draw.value(f"{path}.raises.{mediator}", number))
            )
        for barrier, number in service.relieves.items():
            lifted = self.draw.value(f"{path}.relieves.{barrier}", number)
            channels.append((ON_BARRIER, self.at[barrier], min(1.0, lifted * factor)))
        for hazard, number in service.pays_for.items():
            effect = self.draw.effect(f"{path}.pays_for.{hazard}", number)
            channels.append((ON_HAZARD, int(Hazard.named(hazard)), effect))
        return channels

    def learning(self, path: str, service: Service) -> tuple[float, float]:
        """What a session makes up of the missing dose, and what is left of the dose after a day."""
        sessions = self.draw.value(f"{path}.builds_over_sessions", service.builds_over_sessions)
        half_life = self.draw.value(f"{path}.fades_over_days", service.fades_over_days)
        return 1.0 - 0.5 ** (1.0 / max(sessions, 0.1)), kept_after_a_day(half_life)

    def service_tables(
        self, tables: dict[str, Array], base: Array, medication: Array
    ) -> tuple[Array, Array, Array, Array, Array]:
        count = len(self.services)
        rows = np.zeros(count, SERVICE)
        channels: list[tuple[int, int, float]] = []
        links = np.zeros((count, count))
        wants = np.zeros((count, len(self.features)), np.uint8)
        acts_for = np.zeros((count, len(self.features)), np.uint8)
        carriers = {one.service for one in self.catalogue.medications.values() if one.service}
        for s, (name, one) in enumerate(self.catalogue.services.items()):
            path = f"services.{name}"
            row = rows[s]
            mode = one.modes.get(one.mode)
            kind = KINDS.index(one.kind)
            row["key"] = hash_of_name(f"service:{name}")
            row["role"] = self.roles.index(one.role) if one.role else -1
            row["kind"] = kind
            row["minutes"] = one.minutes
            row["every_days"] = one.every_days
            row["sessions"] = one.course_sessions
            row["offered"] = one.offered and name != INTAKE
            row["everyone"] = one.serves == "everyone"
            row["phase"] = PHASES.index(one.phase)
            row["from_day"], row["until_day"] = one.from_day, one.until_day
            row["priority"], row["required"] = one.priority, one.required
            row["attendance"] = log_odds(self.draw.value(f"{path}.attendance", one.attendance))
            uptake = self.draw.value(f"{path}.uptake", one.uptake)
            if mode and not one.relieves:
                uptake *= self.draw.value(f"{path}.modes.{one.mode}.factor", mode.factor)
            row["uptake"] = log_odds(uptake)
            row["quits"] = self.draw.value(f"{path}.quits", one.quits)
            row["builds"], row["kept"] = self.learning(path, one)
            row["pool"] = {INDIVIDUAL: row["role"], GROUP: len(self.roles) + s}.get(kind, -1)
            row["seats"], row["sessions_per_week"] = one.seats, one.groups_per_week
            row["places"] = one.places
            row["budget_per_week"] = one.budget_per_month * DAYS_PER_WEEK / DAYS_PER_MONTH
            row["cost_per_use"] = one.cost_per_session.value
            row["place_day_cost"] = one.cost_per_place_day.value
            if mode:
                row["cost_per_use"] = mode.cost_per_use.value
                row["fewer_visits"] = mode.fewer_visits
                row["minutes"] = mode.minutes or one.minutes
                row["role"] = row["role"] if row["minutes"] > 0 else -1
                row["second_site"] = one.mode == "referred"
            row["rides"] = kind == KINDS.index("support") and RIDES in one.relieves
            row["carries_dose"] = name in carriers
            row["only_for_some"] = bool(one.only_for)
            row["substances"] = sum(1 << SUBSTANCES.index(x) for x in one.indicated.substances)
            row["for_medications"] = sum(
                1 << self.medications.index(x) for x in one.indicated.medications
            )
            named = (*one.indicated.diagnoses, *one.indicated.barriers, *one.indicated.traits)
            row["named_need"] = bool(named)
            for feature in named:
                wants[s, self.feature_at[feature]] = 1
            for feature in one.only_for:
                acts_for[s, self.feature_at[feature]] = 1
            for other, number in one.links.items():
                links[s, self.service_at[other]] = self.draw.effect(f"{path}.links.{other}", number)
            row["first_channel"] = len(channels)
            if one.offered:
                channels += self.gains(name, one, tables, base, medication)
            row["after_channel"] = len(channels)
        return rows, np.array(channels or [(0, 0, 0.0)], CHANNEL), links, wants, acts_for

    # -- staff and scalars

    def role_table(self, open_days: int) -> Array:
        rows = np.zeros(len(self.roles), ROLE)
        for r, (name, role) in enumerate(self.catalogue.roles.items()):
            path = f"roles.{name}"
            row = rows[r]

            def figure(field: str, path: str = path, role: Any = role) -> float:
                return self.draw.value(f"{path}.{field}", getattr(role, field))

            row["key"] = hash_of_name(f"role:{name}")
            row["minutes_per_day"] = (
                figure("minutes_per_week") * figure("direct_care_share") / max(open_days, 1)
            )
            row["turnover_log_rate"] = log_rate(per_day(figure("turnover_per_year"), "per year"))
            row["hiring_lag"] = round(figure("hiring_lag_days"))
            row["sick"] = figure("sick_share")
            row["caseload"] = role.caseload
            row["key_worker"] = role.key_worker
        return rows

    def scalars(self) -> Array:
        scenario, model = self.scenario, self.model
        clinic, queue = scenario.clinic, scenario.clinic.waiting_list
        course = np.zeros(1, COURSE)
        heavy = model("heavy_day_share")
        values: dict[str, Any] = {
            "services": len(self.services),
            "drivers": len(self.drivers),
            "mediators": self.mediators,
            "first_symptom": self.mediators,
            "first_barrier": self.first_barrier,
            "first_diagnosis": len(self.catalogue.traits),
            "features": len(self.features),
            "parts_of_day": 1,
            "accrual_end": 1 if scenario.arrivals.cohort else scenario.horizon.days,
            "places": clinic.places,
            "elastic": clinic.capacity == "elastic",
            "elastic_floor": model("elastic_floor"),
            "policy": POLICIES.index(scenario.plan.policy),
            "last_come_first": queue.order == "last come",
            "priority_pregnant": "pregnant" in queue.priority,
            "priority_overdose": "recent overdose" in queue.priority,
            "priority_jail": "jail release" in queue.priority,
            "jail_stream": list(self.catalogue.streams).index("jail_release"),
            "interim_dosing": self.share_reached("interim_dosing"),
            "interim_service": self.service_at["interim_dosing"],
            "same_day_start": queue.same_day_start or self.share_reached("same_day_start"),
            "intake_lag_days": round(model("intake_lag_days")),
            "intake_service": self.service_at[INTAKE],
            "money_barrier": self.at.get("money", -1),
            "review_every_days": scenario.plan.review_every_days,
            "discharge_after_missed_days": scenario.rules.discharge_after_missed_days,
            "positive_urines_in_a_row": scenario.rules.positive_urines_in_a_row,
            "readmission_gap_days": max(
                scenario.rules.readmission_gap_days, round(model("readmission_gap_days"))
            ),
            "taper_from_day": scenario.medication.taper.from_day,
            "taper_days": scenario.medication.taper.days,
            "by_preference": scenario.medication.assign == "by preference",
            "fee_log_rate": log_rate(self.fee_rate()),
            "intake_show_floor": model("intake_show_floor"),
            "intake_show_extra": model("intake_show_extra"),
            "intake_show_decay_days": model("intake_show_decay_days"),
            "readiness_when_asking": model("readiness_when_asking"),
            "readiness_kept_waiting": kept_after_a_day(model("readiness_half_life_waiting_days")),
            "craving_shock_sd": model("craving_shock_sd"),
            "craving_severity": model("craving_severity"),
            "tolerance_kept": kept_after_a_day(model("tolerance_half_life_days")),
            "tolerance_gain": 1.0 - kept_after_a_day(model("tolerance_gain_days")),
            "low_tolerance_overdose": self.model_effect("low_tolerance_overdose"),
            "alliance_per_session_kept": model("alliance_per_session_kept"),
            "alliance_per_session_missed": model("alliance_per_session_missed"),
            "alliance_left_at_handover": model("alliance_left_at_handover"),
            "psychosocial_cap": self.model_effect("psychosocial_cap"),
            "early_days": round(model("early_days")),
            "release_log_rate": -log(model("jail_days")),
            "aftercare_days": round(model("aftercare_days")),
            "assessment_sensitivity": model("assessment_sensitivity"),
            "assessment_specificity": model("assessment_specificity"),
            "clinic_effect": model("clinic_sd") * self.draw.deviate("clinic"),
            "urine_window_days": round(model("urine_window_days")),
            "heavy_log_odds": log_odds(heavy),
            "occasional_use": self.model_effect("occasional_use"),
            "cover_kept": kept_after_a_day(model("blockade_half_life_days")),
            "second_site": self.model_effect("second_site"),
            "low_dose_dropout": self.row(
                "traits.low_dose.effects", self.catalogue.traits["low_dose"].effects
            )[Hazard.DROPOUT],
            "preference_match": self.model_effect("preference_match"),
            "turnover_overload": self.model_effect("turnover_overload") / 0.25,
            "overload_from": model("overload_from"),
        }
        for name, value in values.items():
            course[name] = value
        return course

    def share_reached(self, practice: str) -> float:
        """Share of people whom a practice at the door reaches: its uptake where it is offered."""
        service = self.catalogue.services[practice]
        return (
            self.draw.value(f"services.{practice}.uptake", service.uptake)
            if service.offered
            else 0.0
        )

    def fee_rate(self) -> float:
        """Being put out for unpaid fees, per day at a full burden of money.

        The published effect is a hazard ratio of leaving per USD a day; the rate that it adds is
        that share of methadone's own rate in its middle phase.
        """
        fee = self.scenario.clinic.fees.per_day
        if fee <= 0.0:
            return 0.0
        ratio = exp(self.model_effect("fee_effect") * fee)
        return (ratio - 1.0) * exp(self.catalogue.medications["methadone"].phases[1].log_rate)

    def schedule_relief(self) -> float:
        """Share of the schedule burden that opening outside nine to five lifts."""
        hours = self.scenario.clinic.hours
        opens = hours.opens.hour + hours.opens.minute / 60
        closes = hours.closes.hour + hours.closes.minute / 60
        extra = max(0.0, 9.0 - opens) + max(0.0, closes - 17.0)
        return min(0.9, extra * self.model("schedule_relief_per_extra_hour"))

    def build(self) -> Course:
        tables = self.driver_tables()
        base = self.base_table()
        if "schedule" in self.at:
            j = self.at["schedule"]
            tables["effects"][j] *= 1.0 - self.schedule_relief()
            tables["per_visit"][j] *= 1.0 - self.schedule_relief()
        medications, medication_effects = self.medication_tables()
        services, channels, links, wants, acts_for = self.service_tables(
            tables, base, medication_effects
        )
        feature_effects, early = self.feature_tables()
        opening_week = np.array(
            [day in self.scenario.clinic.open_days for day in WEEKDAYS], np.uint8
        )
        influences, influences_from = sparse(tables["effects"])
        scalars = self.scalars()
        take_home = self.take_home_steps()
        scalars["take_home_steps"] = take_home.size
        return Course(
            course=scalars,
            medications=medications,
            services=services,
            channels=channels,
            roles=self.role_table(int(opening_week.sum())),
            take_home=take_home,
            influences=influences,
            influences_from=influences_from,
            medication_effects=medication_effects,
            links=links,
            wants=wants,
            acts_for=acts_for,
            opening_week=opening_week,
            base=base,
            feature_effects=feature_effects,
            early_effects=early,
            stream_effects=self.stream_table(),
            driver_keys=np.array(
                [hash_of_name(f"driver:{name}") for name in self.drivers], np.uint64
            ),
            driver_names=self.drivers,
            service_names=self.services,
            role_names=self.roles,
            medication_names=self.medications,
            posts=posts_of(self.scenario),
            **tables,
        )


_courses: dict[tuple[str, ParameterDraw], Course] = {}
MOST_COURSES = 64


def course_of(scenario: Scenario, draw: ParameterDraw) -> Course:
    """The course of a design in a draw; the last few are kept, for the replications that share a
    draw."""
    key = (scenario.digest, draw)
    if key not in _courses:
        while len(_courses) >= MOST_COURSES:
            del _courses[next(iter(_courses))]
        _courses[key] = _Builder(scenario, draw).build()
    return _courses[key]


__all__ = ["Course", "course_of", "driver_names"]
