"""Where the keys of a scenario's blocks act: services, roles, medications and what else adds.

As in `where_keys_act`: each rule answers with the reason why a key has no effect, if so. A star
stands for the name of the block, or of what stands in it.
"""

from txsim.catalogue import Service
from txsim.scenario.setting import (
    INTAKE,
    Rule,
    Setting,
    always,
    costs_money,
    either,
    names_a_need,
    takes_minutes,
)
from txsim.scenario.where_keys_act import with_second_substance, with_visit_burden
from txsim.scenario.where_posts_act import (
    of_caseloads,
    of_leave,
    of_notes,
    of_turnover,
    of_vacancies,
    unless_posts_say,
    with_posts_of_it,
    with_work_to_do,
)

WORDS = ("label", "description", "grade", "evidence", "source", "note")
"""What every block may say of itself."""


def _service(setting: Setting, name: str) -> str:
    """A whole block of a service; whoever only stops offering it says so, and nothing else."""
    said = setting.scenario.services.get(name, {})
    offered = name in setting.offered and name not in setting.carriers
    if offered or set(said) <= {"offered", "label"}:
        return ""
    carried = {setting.catalogue.medications[one].service for one in setting.given}
    if name in setting.carriers:
        return "" if name in carried else "because nobody is given a medication at these visits"
    return "because the service is not offered"


def _of(kinds: tuple[str, ...], reason: str, doses: bool = False) -> Rule:
    """Acts in services of these kinds, intakes aside, and visits with a dose unless `doses`."""

    def rule(setting: Setting, name: str, *names: str) -> str:
        if not doses and name in setting.carriers:
            return "in visits that carry a dose, which go by the medication and its rules"
        if name == INTAKE:
            return "in an intake, which is booked and kept by rules of its own"
        return "" if setting.catalogue.services[name].kind in kinds else reason

    return rule


SESSIONS = ("individual", "group")
ANY = ("individual", "group", "support", "practice")
in_sessions = _of(SESSIONS, "in a service without sessions")
in_groups = _of(("group",), "in a service that is no group")
in_support = _of(("support",), "in a service that is no support")
in_plans = _of(ANY, "")
"""In whatever people take up; visits with a dose and intakes are not taken up."""


def _role(setting: Setting, name: str) -> str:
    return "" if takes_minutes(setting.catalogue.services[name]) else "because it takes no minutes"


def _may_also(setting: Setting, name: str) -> str:
    others = setting.catalogue.services[name].may_also
    if any(setting.post(role).posts > 0.0 for role in others):
        return ""
    return "because none of these roles has posts"


def _time_of_a_practice(setting: Setting, name: str) -> str:
    """What a habit of the clinic takes leaves less for others, and overloads whoever may leave."""
    service = setting.catalogue.services[name]
    if not takes_minutes(service):
        return "because it takes no minutes"
    shared = any(
        service.role in (one.role, *one.may_also) and takes_minutes(one)
        for other, one in setting.offered.items()
        if other != name
    )
    overloads = setting.anybody_leaves and setting.scenario.mechanisms.overload
    return "" if shared or overloads else "because its role does nothing else, and nobody leaves"


def _minutes(setting: Setting, name: str) -> str:
    service = setting.catalogue.services[name]
    mode = service.modes.get(service.mode)
    if service.kind == "individual":
        return ""  # a room is paid by the time that a session takes
    if service.kind == "practice":
        return _time_of_a_practice(setting, name)
    if mode is not None and mode.minutes > 0.0:
        return f"because its mode takes {mode.minutes:g}"
    return "" if service.role else "because it has no role"


def _every_days(setting: Setting, name: str) -> str:
    service = setting.catalogue.services[name]
    if service.kind == "practice":
        return _time_of_a_practice(setting, name)
    return in_sessions(setting, name)


def _priority(setting: Setting, name: str) -> str:
    service = setting.catalogue.services[name]
    if service.kind == "individual" and not takes_minutes(service):
        return "because it takes no minutes, for which others wait"
    return _of(SESSIONS, "in a service without sessions", doses=True)(setting, name)


def _seated(setting: Setting, name: str) -> str:
    if not setting.scenario.mechanisms.ties:
        return "without mechanisms.ties"
    return in_groups(setting, name)


def _budget(setting: Setting, name: str) -> str:
    service = setting.catalogue.services[name]
    return "" if costs_money(service) else "because nothing of it costs money"


def _mode(setting: Setting, name: str, mode: str, *fields: str) -> str:
    service = setting.catalogue.services[name]
    if service.mode != mode:
        return f'because mode = "{service.mode}" is in force'
    return ""


def _minutes_of_a_mode(setting: Setting, name: str, mode: str) -> str:
    service = setting.catalogue.services[name]
    return _mode(setting, name, mode) or ("" if service.role else "because it has no role")


def _fewer_visits(setting: Setting, name: str, mode: str) -> str:
    return either(_mode, in_support, with_visit_burden)(setting, name, mode)


def _serves(setting: Setting, name: str) -> str:
    if setting.scenario.plan.policy == "generic":
        return 'with plan.policy = "generic", which offers everything to everybody'
    return in_plans(setting, name)


def _indicated(setting: Setting, name: str) -> str:
    service = setting.catalogue.services[name]
    needs_alone = not (service.indicated.substances or service.indicated.medications)
    if names_a_need(service) and needs_alone:
        return _serves(setting, name)
    return in_plans(setting, name)


def _day_of_care(setting: Setting, name: str) -> str:
    if setting.catalogue.services[name].phase == "waiting":
        return "while people wait: it counts days in care"
    return in_plans(setting, name)


def _required(setting: Setting, name: str) -> str:
    if not setting.scenario.mechanisms.visit_burden:
        return "without mechanisms.visit_burden"
    if setting.catalogue.services[name].kind == "practice":
        return "in a habit of the clinic, which nobody comes for"
    return in_plans(setting, name)


def _attendance(setting: Setting, name: str) -> str:
    return _of(SESSIONS, "in a service without sessions", doses=True)(setting, name)


def _uptake(setting: Setting, name: str) -> str:
    if name == "same_day_start":
        share = setting.scenario.clinic.waiting_list.same_day_start
        return "because clinic.waiting_list.same_day_start is set" if share > 0.0 else ""
    if name == "interim_dosing":
        return ""
    if setting.catalogue.services[name].kind == "practice":
        return "in a habit of the clinic, which reaches everybody"
    return in_plans(setting, name)


def does_something(service: Service) -> bool:
    """Whether a service has an effect on anybody, besides what it costs."""
    return bool(
        service.targets
        or service.raises
        or service.relieves
        or service.pays_for
        or service.helps_find
        or service.links
    )


def _learnt(setting: Setting, name: str) -> str:
    if not does_something(setting.catalogue.services[name]):
        return "because it has no effect on anybody"
    return _of(SESSIONS, "in a service without sessions", doses=True)(setting, name)


def _forgotten(setting: Setting, name: str) -> str:
    service = setting.catalogue.services[name]
    return "" if does_something(service) else "because it has no effect on anybody"


def _target(setting: Setting, name: str, target: str, *names: str) -> str:
    overridden = setting.scenario.effects.override.get(name, {})
    return f"because effects.override.{name}.{target} is set" if target in overridden else ""


def _reference(setting: Setting, name: str) -> str:
    return "" if setting.catalogue.services[name].targets else "because there is no target"


def _link(setting: Setting, name: str, other: str, *names: str) -> str:
    return "" if other in setting.offered else f"because {other} is not offered"


def _rewards(setting: Setting, name: str) -> str:
    both = setting.catalogue.services[name].pays_for_both
    return "" if both else "because it does not pay for both substances"


def _paid_for(setting: Setting, name: str, hazard: str, *names: str) -> str:
    service = setting.catalogue.services[name]
    if hazard not in service.paid_for:
        return f'because rewards = "{service.rewards}"'
    return with_second_substance(setting) if hazard == "second_use" else ""


def _relieves(setting: Setting, name: str, barrier: str, *names: str) -> str:
    return "" if setting.share_of(barrier) > 0.0 else "because nobody has this barrier"


def _place_cost(setting: Setting, name: str) -> str:
    kind = setting.catalogue.services[name].kind
    return "" if kind == "support" else "in a service that is no support"


def _medication(setting: Setting, name: str, *names: str) -> str:
    """A whole block; care without a medication is what failed inductions and tapers end in."""
    medication = setting.catalogue.medications[name]
    if medication.substance not in setting.substances:
        return f"because nobody comes for {medication.substance}"
    if medication.service and name not in setting.given:
        return "because nobody is given it"
    return ""


def _dosed(setting: Setting, name: str, *names: str) -> str:
    service = setting.catalogue.medications[name].service
    return "" if service else "because there is no dose"


def _take_home(setting: Setting, name: str, *names: str) -> str:
    rules = setting.scenario.medication.take_home
    if rules != name:
        said = f'"{rules}"' if isinstance(rules, str) else "a list of steps"
        return f"because medication.take_home is {said}"
    return "" if setting.governed else "because nobody is given a medication that it governs"


def _closed_days(setting: Setting, name: str) -> str:
    """Days for which the clinic is closed running; every set allows for one at least."""
    if len(setting.scenario.clinic.open_days) == 7:
        return "because the clinic is never closed"
    least = min(setting.catalogue.take_home[name].closed_days, 1)
    if least == 1 and setting.longest_closed <= 1:
        return "because the clinic is never closed for more than a day running"
    return ""


BLOCKS: dict[str, Rule] = {
    "services.*": _service,
    "services.*.role": _role,
    "services.*.may_also": _may_also,
    "services.*.kind": always,
    "services.*.minutes": _minutes,
    "services.*.every_days": _every_days,
    "services.*.course_sessions": in_sessions,
    "services.*.seats": in_groups,
    "services.*.sessions_per_week": in_groups,
    "services.*.starts_every_days": in_sessions,
    "services.*.seated": _seated,
    "services.*.places": in_support,
    "services.*.budget_per_month": _budget,
    "services.*.modes.*": _mode,
    "services.*.modes.*.label": always,
    "services.*.modes.*.factor": _mode,
    "services.*.modes.*.cost_per_use": _mode,
    "services.*.modes.*.minutes": _minutes_of_a_mode,
    "services.*.modes.*.fewer_visits": _fewer_visits,
    "services.*.mode": always,
    "services.*.offered": always,
    "services.*.for": _serves,
    "services.*.serves": _serves,
    "services.*.indicated": _indicated,
    "services.*.from_day": _day_of_care,
    "services.*.until_day": _day_of_care,
    "services.*.phase": in_plans,
    "services.*.priority": _priority,
    "services.*.required": _required,
    "services.*.attendance": _attendance,
    "services.*.uptake": _uptake,
    "services.*.quits": in_sessions,
    "services.*.through": always,
    "services.*.targets.*": _target,
    "services.*.raises": always,
    "services.*.relieves.*": _relieves,
    "services.*.pays_for.*": _paid_for,
    "services.*.rewards": _rewards,
    "services.*.only_for": always,
    "services.*.houses": in_support,
    "services.*.expels_for_use": in_support,
    "services.*.helps_find": always,
    "services.*.links.*": _link,
    "services.*.builds_over_sessions": _learnt,
    "services.*.fades_over_days": _forgotten,
    "services.*.reference_days": _reference,
    "services.*.cost_per_session": always,
    "services.*.cost_per_place_day": _place_cost,
    "roles.*": with_posts_of_it,
    "roles.*.minutes_per_week": unless_posts_say("minutes_per_week", with_work_to_do),
    "roles.*.direct_care_share": unless_posts_say("direct_care_share", with_work_to_do),
    "roles.*.supervision_minutes_per_week": unless_posts_say(
        "supervision_minutes_per_week", with_posts_of_it
    ),
    "roles.*.notes_minutes_per_session": unless_posts_say("notes_minutes_per_session", of_notes),
    "roles.*.caseload": unless_posts_say("caseload", of_caseloads),
    "roles.*.turnover_per_year": unless_posts_say("turnover_per_year", of_turnover),
    "roles.*.hiring_lag_days": unless_posts_say("hiring_lag_days", of_vacancies),
    "roles.*.sick_share": with_work_to_do,
    "roles.*.leave_weeks_per_year": unless_posts_say("leave_weeks_per_year", of_leave),
    "roles.*.wage_per_year": unless_posts_say("wage_per_year", with_posts_of_it),
    "roles.*.key_worker": always,
    "medications.*": _medication,
    "medications.*.days_per_visit": _dosed,
    "medications.*.induction_success": _dosed,
    "medications.*.induction_success_detoxified": _dosed,
    "medications.*.adherence": _dosed,
    "medications.*.low_dose_share": _dosed,
    "take_home.*": _take_home,
    "take_home.*.closed_days": _closed_days,
}
"""The rule of blocks, and of keys of a block that act in fewer settings than the block does."""
