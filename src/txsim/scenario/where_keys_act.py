"""Where each key of a scenario acts: for every key a rule that says why it does not, if so.

A rule is given the setting and the names that stand for the stars of its key; it answers with the
reason, to be read after "has no effect", or with nothing where the key acts. Keys of blocks that
add to the catalogue are in `where_blocks_act`.
"""

from txsim.catalogue import load_catalogue
from txsim.scenario.setting import DRAWN_OTHERWISE, Rule, Setting, always, either, unless
from txsim.scenario.where_posts_act import (
    of_caseloads,
    of_leave,
    of_notes,
    of_posts,
    of_turnover,
    of_vacancies,
    with_posts_of_it,
    with_work_to_do,
)

OF_OPIOIDS = {"overdose", "fatality"}
"""Hazards that people who come for alcohol do not have."""

in_an_open_clinic = unless(
    "with a cohort, which asks on day 0 and is followed for horizon.days", lambda one: one.closed
)
of_a_cohort = unless("without a cohort", lambda one: not one.closed)
before_day_0 = either(
    unless("with a cohort, whose clinic opens on day 0", lambda one: one.closed),
    unless('with start = "empty"', lambda one: one.scenario.horizon.start == "empty"),
)
with_medication = unless("because nobody is given a medication", lambda one: not one.given)
with_observed_doses = unless(
    "because nobody is given a medication whose doses take-home rules govern",
    lambda one: not one.governed,
)
with_opioids = unless(
    "because nobody comes for opioids", lambda one: "opioid" not in one.substances
)
with_turnover = unless(
    "because no staff leave (mechanisms.turnover, turnover_per_year)",
    lambda one: not one.anybody_leaves,
)
with_posts = unless("because there are no posts", lambda one: not one.staffed)
with_groups = unless("because no group is offered", lambda one: not one.delivered("group"))
with_ties = either(
    with_groups, unless("without mechanisms.ties", lambda one: not one.scenario.mechanisms.ties)
)
with_sessions = unless(
    "because no sessions beside intake and doses are offered",
    lambda one: not one.delivered("individual", "group"),
)


with_second_substance = either(
    unless(
        "without mechanisms.second_substance",
        lambda one: not one.scenario.mechanisms.second_substance,
    ),
    unless("because nobody uses a second substance", lambda one: not one.second_substances),
)


def _urines(setting: Setting) -> str:
    """Tested for opioids, and for second substances."""
    return with_opioids(setting) if with_second_substance(setting) else ""


PRICES_OF_SOME = {"urine_test": _urines, "overdose_event": with_opioids}
"""Prices of what not everybody has."""


def _of_people(setting: Setting, name: str) -> str:
    """A share of people with something."""
    bare = name.removesuffix("_barrier")
    if bare in DRAWN_OTHERWISE:
        return f"because it follows from {DRAWN_OTHERWISE[bare]}"
    if setting.roster_says(bare):
        return "because the roster says who has it"
    if bare == "pregnant" and setting.share_of("female") == 0.0:
        return "because no women come"
    trait = setting.catalogue.traits.get(bare)
    if trait is not None and {*trait.effects, *trait.early_effects} <= OF_OPIOIDS:
        return with_opioids(setting)
    return ""


def _streams(setting: Setting) -> str:
    return "because the roster says how people come" if setting.roster_says("stream") else ""


def _price(setting: Setting, *names: str) -> str:
    """A price by its path in the catalogue, written with dots or as tables."""
    whose, _, rest = ".".join(names).partition(".")
    name = rest.rpartition(".")[0]
    if whose == "costs" and rest == "inpatient_day":
        on_a_unit = setting.closed and setting.scenario.arrivals.inpatient_days > 0
        return "" if on_a_unit else "because nobody lives on a unit (arrivals.inpatient_days)"
    if whose == "costs":
        return PRICES_OF_SOME.get(rest, always)(setting)
    if whose == "roles":
        return with_posts_of_it(setting, name) if name else ""
    if whose == "services":
        return _offered(setting, rest.partition(".")[0]) if rest else ""
    if whose == "medications" and name and setting.catalogue.medications[name].service:
        return "" if name in setting.given else "because nobody is given it"
    return ""


def _caseload_limit(setting: Setting) -> str:
    limited = any(
        setting.catalogue.roles[role].key_worker and setting.figure(role, "caseload") > 0.0
        for role in setting.staffed
    )
    return "" if limited else "because no primary counsellor has a caseload"


def _switch(setting: Setting) -> str:
    opioid = [
        one for one in setting.given if setting.catalogue.medications[one].substance == "opioid"
    ]
    return "" if len(opioid) > 1 else "because nobody has another medication to change to"


def _dose(setting: Setting) -> str:
    agonist = any(setting.catalogue.medications[one].agonist for one in setting.given)
    return "" if agonist else "because nobody is given methadone or buprenorphine"


def _care(setting: Setting) -> str:
    known = setting.catalogue.medications
    studied = any(
        ratio.value != 1.0
        for one in setting.given
        for ratio in (known[one].leaving_at_first_in_trials, known[one].leaving_in_trials)
    )
    return "" if studied else "because nobody is given a medication whose trials are known"


def _taper(setting: Setting) -> str:
    if setting.scenario.medication.taper.days == 0:
        return "because days = 0 means that there is no taper"
    return with_medication(setting)


def _lost_take_home(setting: Setting) -> str:
    steps = setting.scenario.take_home_rules.steps
    if len(steps) == 1 and steps[0].days_per_visit <= 1.0:
        return "because there are no take-home doses"
    return with_observed_doses(setting)


def _telehealth(setting: Setting) -> str:
    steps = setting.scenario.take_home_rules.steps
    longest = [
        max(step.days_per_visit for step in steps) if one.take_home else one.days_per_visit
        for one in (setting.catalogue.medications[name] for name in setting.given)
    ]
    return "" if any(days >= 7.0 for days in longest) else "because no visit supplies a week"


def _policy(setting: Setting) -> str:
    if setting.scenario.plan.policy == "stepped":
        return ""
    return "" if setting.meets_needs else "because no service on offer is for a need"


def _reviews(setting: Setting) -> str:
    """What reviews decide: services, a change of medication, a primary counsellor."""
    key_workers = any(setting.catalogue.roles[role].key_worker for role in setting.staffed)
    switches = setting.scenario.medication.switch_after_positive_urines > 0
    if key_workers or switches or setting.delivered("individual", "group", "support"):
        return ""
    return "because there is nothing to review"


def with_visit_burden(setting: Setting, *names: str) -> str:
    """Where visits are required, and burden people."""
    if not setting.scenario.mechanisms.visit_burden:
        return "without mechanisms.visit_burden"
    return with_required_visits(setting)


def with_required_visits(setting: Setting, *names: str) -> str:
    """Where doses, or other sessions, are a condition of care."""
    required = any(
        one.required and one.kind != "practice" and name not in setting.carriers
        for name, one in setting.offered.items()
    )
    return "" if required or setting.given else "because no visits are required"


def _gap(setting: Setting) -> str:
    least = setting.catalogue.model["readmission_gap_days"].value
    if setting.scenario.rules.readmission_gap_days <= least:
        return f"because model.readmission_gap_days is {least:g}"
    return ""


def _supervision(setting: Setting) -> str:
    usual = load_catalogue().roles
    other = any(
        role in usual
        and usual[role].supervision_minutes_per_week.value
        != setting.figure(role, "supervision_minutes_per_week")
        for role in setting.staffed
    )
    return with_turnover(setting) if other else "because posts are supervised as is usual"


def _crises(setting: Setting) -> str:
    return (
        ""
        if any(
            one.crises_per_year.value > 0.0 and setting.share_of(name) > 0.0
            for name, one in setting.catalogue.diagnoses.items()
        )
        else "because nobody has a diagnosis with crises"
    )


def _offered(setting: Setting, service: str, *names: str) -> str:
    return "" if service in setting.offered else "because the service is not offered"


def _from_week(setting: Setting) -> str:
    """Whoever is counted has asked by then, though some are still followed."""
    horizon, first = setting.scenario.horizon, setting.scenario.change.from_week * 7
    if horizon.days <= first < setting.scenario.days_simulated:
        return "on anybody's way into care: the last person counted has asked before"
    return ""


def _ramp(setting: Setting) -> str:
    change, last = setting.scenario.change, setting.scenario.days_simulated
    if change.from_week * 7 < last < (change.from_week + change.ramp_weeks) * 7:
        return "beyond the last day simulated, before which the change is not complete"
    return ""


KEYS: dict[str, Rule] = {
    "title": always,
    "question": always,
    "horizon.days": always,
    "horizon.follow_up_days": in_an_open_clinic,
    "horizon.start": unless("with a cohort, whose clinic opens on day 0", lambda one: one.closed),
    "horizon.burn_in_days": before_day_0,
    "population.mix": always,
    "population.roster": always,
    "population.people": always,
    "population.shares.*": _of_people,
    "population.distance_km.median": always,
    "population.distance_km.p90": always,
    "arrivals.per_week": in_an_open_clinic,
    "arrivals.streams": _streams,
    "arrivals.cohort": always,
    "arrivals.enrolled": of_a_cohort,
    "arrivals.abstinent_days": either(of_a_cohort, with_opioids),
    "arrivals.inpatient_days": of_a_cohort,
    "clinic.vacant_posts": with_turnover,
    "clinic.kind": always,
    "clinic.care": _care,
    "clinic.sites": of_a_cohort,
    "clinic.places": always,
    "clinic.caseload_at_start": before_day_0,
    "clinic.open_days": always,
    "clinic.hours.opens": always,
    "clinic.hours.closes": always,
    "clinic.waiting_list.order": always,
    "clinic.waiting_list.priority": always,
    "clinic.waiting_list.interim_dosing": either(with_opioids, with_medication),
    "clinic.waiting_list.same_day_start": always,
    "clinic.waiting_list.promised_after_days": unless(
        "because nobody waits so long before the last day",
        lambda one: (
            one.closed
            and one.scenario.clinic.waiting_list.promised_after_days >= one.scenario.horizon.days
        ),
    ),
    "clinic.capacity": with_posts,
    "clinic.caseload_limit": _caseload_limit,
    "clinic.overbooking_share": with_posts,
    "clinic.overtime_share": with_posts,
    "clinic.when_dosing_runs_short": with_observed_doses,
    "clinic.fees.per_day": unless(
        "because nobody is short of money", lambda one: one.share_of("money") == 0.0
    ),
    "clinic.fees.currency": unless(
        "without a fee", lambda one: one.scenario.clinic.fees.per_day == 0.0
    ),
    "staff.*.posts": of_posts,
    "staff.*.caseload": of_caseloads,
    "staff.*.minutes_per_week": with_work_to_do,
    "staff.*.direct_care_share": with_work_to_do,
    "staff.*.supervision_minutes_per_week": with_posts_of_it,
    "staff.*.notes_minutes_per_session": of_notes,
    "staff.*.turnover_per_year": of_turnover,
    "staff.*.hiring_lag_days": of_vacancies,
    "staff.*.leave_weeks_per_year": of_leave,
    "staff.*.wage_per_year": with_posts_of_it,
    "medication.assign": always,
    "medication.switch_after_positive_urines": either(with_opioids, _switch),
    "medication.kept_in_jail": with_medication,
    "medication.dose": _dose,
    "medication.taper.from_day": _taper,
    "medication.taper.days": _taper,
    "medication.take_home": with_observed_doses,
    "plan.policy": _policy,
    "plan.review_every_days": _reviews,
    "rules.preset": always,
    "rules.discharge_after_missed_days": always,
    "rules.positive_urines_in_a_row": with_opioids,
    "rules.lose_take_home_after_positive_urines": either(with_opioids, _lost_take_home),
    "rules.missed_sessions_in_a_row": with_sessions,
    "rules.put_out_for_behaviour_per_year": always,
    "rules.reinduction_after_missed_days": with_medication,
    "rules.telehealth_share": either(with_visit_burden, _telehealth),
    "rules.readmission_gap_days": _gap,
    "mechanisms.turnover": with_posts,
    "mechanisms.overload": with_turnover,
    "mechanisms.relationships": always,
    "mechanisms.ties": with_groups,
    "mechanisms.cohesion": with_ties,
    "mechanisms.fading_readiness": always,
    "mechanisms.past_patients": unless(
        "because nobody is there before day 0",
        lambda one: one.closed or one.scenario.horizon.start == "empty",
    ),
    "mechanisms.going_elsewhere": unless(
        "because model.elsewhere_share is 0",
        lambda one: one.catalogue.model["elsewhere_share"].value == 0.0,
    ),
    "mechanisms.visit_burden": with_required_visits,
    "mechanisms.titration": with_medication,
    "mechanisms.lost_tolerance": with_opioids,
    "mechanisms.crises": _crises,
    "mechanisms.second_substance": unless(
        "because nobody uses a second substance", lambda one: not one.second_substances
    ),
    "mechanisms.changing_homes": always,
    "mechanisms.changing_work": always,
    "mechanisms.symptoms_from_use": always,
    "mechanisms.supervision": _supervision,
    "mechanisms.learning": with_posts,
    "mechanisms.leave": with_posts,
    "mechanisms.tenure": with_turnover,
    "effects.grades": always,
    "effects.override.*.*": _offered,
    **{f"economics.prices{'.*' * parts}": _price for parts in range(1, 6)},
    "economics.currency": always,
    "decision.margins.*": always,
    "report.locale": always,
    "change.from_week": _from_week,
    "change.ramp_weeks": _ramp,
}
"""The rule of every key of the scenario's own tables."""

HABITS: dict[str, object] = {
    "plan.policy": "matched",
    "clinic.fees.currency": "USD",
    "economics.currency": "USD",
}
"""What shipped scenarios say whether it acts or not, so that a copy of one may say it too."""
