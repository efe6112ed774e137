"""The numbers in force, read once from a loaded scenario into plain Python objects and floats.

No NumPy scalar is let through: comparing a Python float with one doubles the time of a Mesa model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from txsim.parameters.case_mix import case_mix
from txsim.parameters.draw_source import draw_of
from txsim.parameters.tables import parameters_of
from txsim.scenario import Scenario

(
    ATTENDANCE, ENTRY, USE, FATALITY, DROPOUT, REGULAR_USE_BEGINS, REGULAR_USE_ENDS, OVERDOSE, OTHER_DEATH, SUICIDE,
    JAIL, COMPLETION, TRANSFER, RETURN_TO_CARE, WALK_AWAY, SECOND_USE,
) = range(16)  # fmt: skip
(
    READINESS, COPING_SKILL, ALLIANCE, SOCIAL_SUPPORT, CRAVING, RECENT_USE, MISSED_VISITS, VISIT_BURDEN, RUPTURE,
) = range(9)  # fmt: skip

ON_DRIVER, ON_BARRIER, ON_HAZARD = range(3)
KINDS = ("individual", "group", "support", "practice")
PHASES = ("waiting", "start", "care", "aftercare")
POLICIES = ("generic", "matched", "stepped")

Influences = tuple[tuple[int, float], ...]
"""Pairs of a hazard and what one unit adds to it, log scale."""


@dataclass(frozen=True, slots=True)
class Service:
    """What the clinic may do for a person in one session."""

    name: str
    role: str | None
    is_group: bool
    is_practice: bool
    acts_daily: bool
    """Support (rides, aid, beds) and practices: no session has to be booked."""
    minutes: float
    every_days: float
    sessions: int
    offered: bool
    for_everyone: bool
    while_waiting: bool
    in_care: bool
    in_aftercare: bool
    from_day: int
    until_day: int
    booked_first: bool
    required: bool
    attendance: float
    uptake: float
    quits: float
    builds: float
    kept: float
    carries_dose: bool
    seats: float
    groups_a_week: float
    places: int
    rides: bool
    fewer_visits: float
    substances: frozenset[int]
    """Empty for all."""
    medications: frozenset[int]
    """Empty for all."""
    needs: tuple[int, ...]
    """Features any of which makes the service indicated; none for everyone."""
    only_for: tuple[int, ...]
    """Features without any of which it does nothing; none for everyone."""
    lifts: tuple[tuple[int, float], ...]
    """Pairs of a barrier and the share of it that full dose lifts."""
    raises: tuple[tuple[int, float], ...]
    """Pairs of a driver and its gain at full dose."""
    direct: Influences
    links: dict[str, float]
    """What full dose adds to the log odds of taking up another service."""


@dataclass(frozen=True, slots=True)
class Medication:
    """A medication, or care without one."""

    index: int
    service: str | None
    days_per_visit: float
    take_home: bool
    agonist: bool
    induction_days: int
    induction: float
    induction_detoxified: float
    adherence: float
    settles: float
    completion_after: int
    phases: tuple[tuple[int, float], ...]
    """Pairs of a first day in care and the log rate of dropping out from then on."""
    other_exits: tuple[tuple[int, float], ...]
    """The same for what is added to the log rates of transfer and completion."""
    overdose_first: float
    overdose_later: float
    overdose_out_first: float
    overdose_out_later: float
    low_dose_share: float
    substance: int
    share: float
    use: float
    regular_use_begins: float
    regular_use_ends: float


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of staff."""

    name: str
    minutes_a_day: float
    turnover: float
    hiring_lag: int
    sick: float
    caseload: float
    is_key_worker: bool
    has_posts: bool


@dataclass(frozen=True, slots=True)
class Feature:
    """A trait, diagnosis or barrier: who has it and what it does."""

    thresholds: tuple[float, float]
    """By substance, in this clinic."""
    loadings: tuple[tuple[int, float], ...]
    unexplained: float
    effects: Influences
    early_dropout: float


@dataclass(slots=True)
class Numbers:
    """Everything a clinic of this scenario has to know."""

    # people
    opioid_share: float
    age: tuple[float, float, float]
    distance: tuple[float, float]
    far_km: float
    use_days: tuple[float, float]
    regular_use_from: float
    """Days of use in the 30 before asking from which use is regular."""
    detoxified: float
    after_detoxification: tuple[float, float]
    """Share still in regular use, and the tolerance left."""
    features: list[Feature]
    feature_names: list[str]
    trait_count: int
    diagnosis_count: int
    barrier_names: list[str]
    factor_count: int
    burdens: list[tuple[float, bool]]
    streams: list[tuple[str, float]]
    stream_effects: dict[str, list[float]]
    base: list[list[float]]
    """By substance, in this clinic."""
    # what moves hazards
    mediator_count: int
    starts: list[tuple[float, float]]
    influences: list[Influences]
    kept: list[float]
    ceilings: list[float]
    use_raises: list[float]
    burden_per_visit: list[float]
    # the clinic
    services: dict[str, Service]
    medications: list[Medication]
    roles: dict[str, Role]
    posts: list[tuple[str, float]]
    take_home: list[tuple[int, float, bool]]
    open_week: list[bool]
    clinic: dict[str, Any] = field(default_factory=dict)


def numbers_of(scenario: Scenario, seed: int = 1, draw: int | None = None) -> Numbers:
    """The numbers of a scenario in one draw of the numbers of the world.

    Raises ValueError when the scenario uses something this model does not have.
    """
    numbers_drawn = draw_of(draw, seed)
    parameters = parameters_of(scenario, numbers_drawn)
    mix = case_mix(scenario, numbers_drawn)
    scalars = {name: parameters.scalars[name][0].item() for name in parameters.scalars.dtype.names}
    _refuse_what_is_missing(scenario, scalars, parameters)
    who = {name: mix.who[name][0].item() for name in mix.who.dtype.names}
    catalogue = scenario.catalogue
    names = [*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers]
    drivers = len(parameters.driver_names)
    mediators, first_barrier = scalars["mediators"], scalars["first_barrier"]
    channels = [(int(c["kind"]), int(c["target"]), float(c["gain"])) for c in parameters.channels]
    services = {
        name: _service(name, parameters.services[s], s, parameters, channels, first_barrier)
        for s, name in enumerate(parameters.service_names)
    }
    shares = mix.streams.tolist()
    return Numbers(
        opioid_share=who["opioid_share"],
        age=(who["age_mean"], who["age_sd"], who["age_min"]),
        distance=(who["distance_log_median"], who["distance_log_sd"]),
        far_km=who["far_km"],
        use_days=(who["use_days"], who["use_days_sd"]),
        regular_use_from=who["regular_days"],
        detoxified=who["detoxified"],
        after_detoxification=(who["regular_detoxified"], who["tolerance_detoxified"]),
        features=[
            Feature(
                thresholds=(float(mix.thresholds[0, c]), float(mix.thresholds[1, c])),
                loadings=tuple((f, x) for f, x in enumerate(mix.loadings[c].tolist()) if x),
                unexplained=max(1.0 - float((mix.loadings[c] ** 2).sum()), 0.0) ** 0.5,
                effects=_pairs(parameters.feature_effects[c]),
                early_dropout=float(parameters.early_effects[c]),
            )
            for c in range(len(names))
        ],
        feature_names=names,
        trait_count=len(catalogue.traits),
        diagnosis_count=len(catalogue.diagnoses),
        barrier_names=list(catalogue.barriers),
        factor_count=int(mix.factors.size),
        burdens=list(zip(mix.burdens.tolist(), [bool(x) for x in mix.far], strict=True)),
        streams=[
            (name, share / shares[-1])
            for name, share in zip(catalogue.streams, shares, strict=True)
        ],
        stream_effects=dict(
            zip(catalogue.streams, parameters.stream_effects.tolist(), strict=True)
        ),
        base=(parameters.base + parameters.clinic_effects[0]).tolist(),
        mediator_count=mediators,
        starts=list(
            zip(
                parameters.driver_start[:mediators].tolist(),
                parameters.driver_spread[:mediators].tolist(),
                strict=True,
            )
        ),
        influences=[_pairs(parameters.effects[j]) for j in range(drivers)],
        kept=parameters.driver_kept.tolist(),
        ceilings=parameters.driver_ceiling.tolist(),
        use_raises=parameters.use_raises.tolist(),
        burden_per_visit=parameters.per_visit[first_barrier:].tolist(),
        services=services,
        medications=[_medication(m, parameters) for m in range(parameters.medications.size)],
        roles={
            name: Role(
                name=name,
                minutes_a_day=float(row["minutes_per_day"]),
                turnover=float(row["turnover_log_rate"]),
                hiring_lag=int(row["hiring_lag"]),
                sick=float(row["sick"]),
                caseload=float(row["caseload"]),
                is_key_worker=bool(row["key_worker"]),
                has_posts=bool(row["posts"] > 0.0),
            )
            for name, row in zip(parameters.role_names, parameters.roles, strict=True)
        },
        posts=list(parameters.posts),
        take_home=[
            (int(s["from_day"]), float(s["days_per_visit"]), bool(s["clean"]))
            for s in parameters.take_home
        ],
        open_week=[bool(x) for x in parameters.opening_week],
        clinic=scalars,
    )


def _pairs(row: Any) -> Influences:
    return tuple((h, x) for h, x in enumerate(row.tolist()) if x)


def _bits(flags: Any, most: int) -> frozenset[int]:
    return frozenset(position for position in range(most) if int(flags) >> position & 1)


def _service(
    name: str,
    row: Any,
    s: int,
    parameters: Any,
    channels: list[tuple[int, int, float]],
    first_barrier: int,
) -> Service:
    own = channels[int(row["first_channel"]) : int(row["after_channel"])]
    phase, kind = PHASES[int(row["phase"])], KINDS[int(row["kind"])]
    links = parameters.links[s].tolist()
    return Service(
        name=name,
        role=parameters.role_names[int(row["role"])] if row["role"] >= 0 else None,
        is_group=kind == "group",
        is_practice=kind == "practice",
        acts_daily=kind in ("support", "practice"),
        minutes=float(row["minutes"]),
        every_days=float(row["every_days"]),
        sessions=int(row["sessions"]),
        offered=bool(row["offered"]),
        for_everyone=bool(row["everyone"]),
        while_waiting=phase in ("waiting", "start"),
        in_care=phase in ("start", "care"),
        in_aftercare=phase == "aftercare",
        from_day=int(row["from_day"]),
        until_day=int(row["until_day"]),
        booked_first=bool(row["priority"] > 0),
        required=bool(row["required"]),
        attendance=float(row["attendance"])
        + (float(parameters.scalars["second_site"][0]) if row["second_site"] else 0.0),
        uptake=float(row["uptake"]),
        quits=float(row["quits"]),
        builds=float(row["builds"]),
        kept=float(row["kept"]),
        carries_dose=bool(row["carries_dose"]),
        seats=float(row["seats"]),
        groups_a_week=float(row["sessions_per_week"]),
        places=int(row["places"]),
        rides=bool(row["rides"]),
        fewer_visits=float(row["fewer_visits"]),
        substances=_bits(row["substances"], 2),
        medications=_bits(row["for_medications"], parameters.medications.size),
        needs=tuple(c for c, wanted in enumerate(parameters.wants[s].tolist()) if wanted),
        only_for=tuple(
            c
            for c, named in enumerate(parameters.acts_for[s].tolist())
            if row["only_for_some"] and named
        ),
        lifts=tuple(
            (target - first_barrier, gain) for kind, target, gain in own if kind == ON_BARRIER
        ),
        raises=tuple((target, gain) for kind, target, gain in own if kind == ON_DRIVER),
        direct=tuple((target, gain) for kind, target, gain in own if kind == ON_HAZARD),
        links={parameters.service_names[other]: x for other, x in enumerate(links) if x},
    )


def _by_phase(row: Any, field: str) -> tuple[tuple[int, float], ...]:
    phases = zip(row["phase_from"].tolist(), row[field].tolist(), strict=True)
    return tuple((from_day, value) for from_day, value in phases if from_day < 100_000)


def _medication(m: int, parameters: Any) -> Medication:
    row, effects = parameters.medications[m], parameters.medication_effects[m].tolist()
    return Medication(
        index=m,
        service=parameters.service_names[int(row["service"])] if row["service"] >= 0 else None,
        days_per_visit=float(row["days_per_visit"]),
        take_home=bool(row["take_home"]),
        agonist=bool(row["agonist"]),
        induction_days=int(row["induction_days"]),
        induction=float(row["induction"]),
        induction_detoxified=float(row["induction_detoxified"]),
        adherence=float(row["adherence"]),
        settles=float(row["settles"]),
        completion_after=int(row["completion_after"]),
        phases=_by_phase(row, "phase_dropout"),
        other_exits=_by_phase(row, "phase_other_exits"),
        overdose_first=float(row["overdose_first"]),
        overdose_later=float(row["overdose_later"]),
        overdose_out_first=float(row["overdose_out_first"]),
        overdose_out_later=float(row["overdose_out_later"]),
        low_dose_share=float(row["low_dose_share"]),
        substance=int(row["substance"]),
        share=float(row["assigned"]),
        use=effects[USE],
        regular_use_begins=effects[REGULAR_USE_BEGINS],
        regular_use_ends=effects[REGULAR_USE_ENDS],
    )


def _refuse_what_is_missing(scenario: Scenario, scalars: dict[str, Any], parameters: Any) -> None:
    """What is not written here would silently differ."""
    missing = {
        "open clinic": scenario.arrivals.cohort is None,
        "roster": scenario.population.roster is not None,
        "elastic capacity": bool(scalars["elastic"]),
        "closing of its intake": scenario.clinic.when_dosing_runs_short == "close intake",
        "doses on closed days": bool((parameters.dosing_week > parameters.opening_week).any()),
        "short hours": bool((parameters.roles["most_of_a_post"] < 1.0).any()),
        "budgets": bool((parameters.services["budget_per_day"] >= 0.0).any()),
    }
    used = [name for name, is_used in missing.items() if is_used]
    if used:
        raise ValueError(f"the idiomatic model has no {', '.join(used)}")
