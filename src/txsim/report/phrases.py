"""Phrases for what can differ between two scenarios, and values as a reader would write them."""

from collections.abc import Callable
from datetime import time
from typing import Any

from txsim.formatting import counted, listed, plain

Phrase = Callable[[Any, Any], str]

_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
_POLICIES = {
    "generic": "the same plan for everyone",
    "matched": "plans matched to assessed need",
    "stepped": "plans reviewed and stepped up or down",
}


_CARE = {"routine": "routine care", "trial": "trials"}
_WHEN_SHORT = {
    "overtime": "overtime when time for doses runs short",
    "agency": "an agency when time for doses runs short",
    "close intake": "overtime and a closed intake when time for doses runs short",
}


def phrase(path: str, old: Any, new: Any) -> str:
    """Return the words for a value that went from ``old`` to ``new`` at a path of a scenario.

    Where no phrase is known, the key is spelled out with the value before and after.
    """
    known = _PHRASES.get(path)
    if known is not None:
        return known(old, new)
    _, _, key = path.partition(".")
    return f"{spelled(key or path)} {written(new)} instead of {written(old)}"


def _instead(what: str) -> Phrase:
    return lambda old, new: f"{written(new)} {what} instead of {written(old)}"


def _when(positive: str, negative: str) -> Phrase:
    return lambda old, new: positive if new else negative


def _every(what: str) -> Phrase:
    """Return the phrase of a rule that 0 switches off."""
    return lambda old, new: (
        f"{what.format(new)} instead of {written(old) if old else 'never'}"
        if new
        else f"never {what.format(old)}"
    )


def _near(who: str) -> Phrase:
    """Return the phrase of a distance, with its unit beside each figure."""

    def within(km: Any) -> str:
        return "as near as in the case mix" if km is None else f"within {written(km)} km"

    return lambda old, new: f"{who} {within(new)} instead of {within(old)}"


_PHRASES: dict[str, Phrase] = {
    "horizon.days": _instead("days of new requests counted"),
    "horizon.follow_up_days": _instead("days of follow-up"),
    "population.mix": lambda old, new: f'people as in "{new}" instead of "{old}"' if new else "",
    "population.roster": lambda old, new: (
        f"people of {'another' if old else 'a'} roster" if new else "no roster"
    ),
    "population.people": lambda old, new: (
        f'other people, "{new}"' if new else "the people of a design without a name for them"
    ),
    "population.distance_km.median": _near("half of the people"),
    "population.distance_km.p90": _near("nine people in ten"),
    "arrivals.per_week": _instead("people asking for treatment a week"),
    "arrivals.enrolled": _when(
        "everybody enrolled on the first day", "people who ask instead of being enrolled"
    ),
    "arrivals.abstinent_days": lambda old, new: (
        f"people {counted(new, 'day')} without opioids when they come instead of {written(old)}"
    ),
    "arrivals.inpatient_days": lambda old, new: (
        f"the first {counted(new, 'day')} on an inpatient unit instead of {written(old)}"
        if new
        else "nobody on an inpatient unit"
    ),
    "clinic.places": _instead("treatment slots"),
    "clinic.kind": lambda old, new: f"run as {new}, not as {old}",
    "clinic.sites": _instead("sites"),
    "clinic.care": lambda old, new: f"people leaving as in {_CARE[new]}, not as in {_CARE[old]}",
    "clinic.open_days": lambda old, new: f"open {_weekdays(new)} instead of {_weekdays(old)}",
    "clinic.hours.opens": lambda old, new: f"open from {written(new)} instead of {written(old)}",
    "clinic.hours.closes": lambda old, new: (
        f"open until {_closing(new)} instead of {_closing(old)}"
    ),
    "clinic.waiting_list.order": lambda old, new: f"a waiting list run {new}, not {old}",
    "clinic.waiting_list.priority": lambda old, new: (
        f"priority on the waiting list for {listed([str(who) for who in new])}"
        if new
        else "no priority on the waiting list"
    ),
    "clinic.waiting_list.interim_dosing": _when(
        "medication while people wait", "no medication while people wait"
    ),
    "clinic.waiting_list.same_day_start": lambda old, new: (
        f"intake on the same day for {plain(100 * new)} of 100 people instead of {plain(100 * old)}"
    ),
    "clinic.waiting_list.promised_after_days": _every("a slot promised after {} days of waiting"),
    "clinic.capacity": lambda old, new: (
        "sessions shortened when minutes run short"
        if new == "elastic"
        else "sessions that do not fit made to wait, not shortened"
    ),
    "clinic.overtime_share": lambda old, new: (
        f"overtime of up to {plain(100 * new)} of 100 minutes staffed instead of {plain(100 * old)}"
    ),
    "clinic.when_dosing_runs_short": lambda old, new: f"{_WHEN_SHORT[new]}, not {_WHEN_SHORT[old]}",
    "clinic.overbooking_share": lambda old, new: (
        f"{plain(100 * new)} in 100 more booked than fits instead of {plain(100 * old)}"
    ),
    "clinic.fees.per_day": _instead("a day in fees"),
    "plan.policy": lambda old, new: _POLICIES.get(new, str(new)),
    "plan.review_every_days": lambda old, new: f"a review every {counted(new, 'day')}",
    "rules.discharge_after_missed_days": _every("discharge after {} missed days"),
    "rules.positive_urines_in_a_row": _every("discharge after {} positive urines in a row"),
    "rules.lose_take_home_after_positive_urines": _every(
        "no take-home doses after {} positive urines in a row"
    ),
    "rules.missed_sessions_in_a_row": _every("discharge after {} missed sessions in a row"),
    "rules.put_out_for_behaviour_per_year": _instead("discharges for behaviour a person and year"),
    "rules.reinduction_after_missed_days": _every("induction anew after {} days without a dose"),
    "rules.telehealth_share": lambda old, new: (
        f"{plain(100 * new)} of 100 visits for a longer supply by telephone instead of "
        f"{plain(100 * old)}"
    ),
    "medication.dose": lambda old, new: (
        f"steady doses of {plain(100 * new)} in 100 of the usual instead of {plain(100 * old)}"
    ),
    "medication.switch_after_positive_urines": _every(
        "another medication after {} positive urines in a row"
    ),
    "medication.kept_in_jail": lambda old, new: (
        f"{plain(100 * new)} of 100 people on medication going on with it in jail instead of "
        f"{plain(100 * old)}"
    ),
    "rules.preset": lambda old, new: f'rules as in "{new}"' if new else "rules of its own",
    "rules.readmission_gap_days": _instead("days before somebody may come back"),
    "change.from_week": lambda old, new: f"the change beginning in week {new}",
    "change.ramp_weeks": lambda old, new: f"the change growing over {counted(new, 'week')}",
}


def _closing(clock: Any) -> str:
    """Return a closing time; midnight is the end of a day, not its beginning."""
    return "24:00" if clock == time(0) else written(clock)


def _weekdays(days: Any) -> str:
    """Return days of the week as a list, or as a stretch where they follow each other."""
    week = list(_DAYS)
    places = sorted(week.index(str(day)) for day in days)
    names = [_DAYS[week[place]] for place in places]
    if len(names) > 2 and places[-1] - places[0] == len(places) - 1:
        return f"{names[0]} to {names[-1]}"
    return listed(names) if names else "no day"


def spelled(key: str) -> str:
    """Return a key as words."""
    return key.replace("_", " ").replace(".", ", ")


def written(value: Any) -> str:
    """Return a value as a reader would write it."""
    if value is None or value == "" or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,g}"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, dict):
        if set(value) >= {"value", "unit"}:
            return f"{written(value['value'])} ({value['unit']})"
        return listed([f"{spelled(str(key))} {written(inside)}" for key, inside in value.items()])
    if isinstance(value, list | tuple):
        return listed([written(inside) for inside in value])
    return str(value)
