"""Do posts and sessions fit into the hours in which the clinic is open?"""

from collections.abc import Iterator

from txsim.catalogue import Catalogue
from txsim.scenario.design import Scenario
from txsim.scenario.mistakes import Mistake, listed
from txsim.scenario.toml_lines import Path

MINUTES_AN_HOUR = 60.0
LONGEST_DAY = 12.0 * MINUTES_AN_HOUR
"""More than this is nobody's working day, however long the clinic is open."""
HOURS, OPEN_DAYS = ("clinic", "hours"), ("clinic", "open_days")


def what_does_not_fit(scenario: Scenario, catalogue: Catalogue) -> Iterator[Mistake]:
    """Warnings of posts and sessions that take longer than the clinic is open."""
    clinic = scenario.clinic
    if not clinic.open_days:
        return
    if clinic.hours.opens == clinic.hours.closes and clinic.hours.opens.hour:
        message = "opens and closes at the same time, which is read as open round the clock"
        yield Mistake(HOURS, message)
    yield from _working_days(scenario, catalogue)
    minutes = clinic.hours.minutes
    too_long = []
    for name, service in catalogue.services.items():
        mode = service.modes.get(service.mode)
        takes = (mode.minutes if mode else 0.0) or service.minutes
        held = service.offered and service.role and service.kind in ("individual", "group")
        if held and takes > minutes:
            too_long.append(f"{name} ({length(takes)})")
    if too_long:
        message = (
            f"the clinic is open for {length(minutes)} a day, so what takes longer is never held: "
            f"{', '.join(too_long)}"
        )
        yield Mistake(HOURS, message)


def _working_days(scenario: Scenario, catalogue: Catalogue) -> Iterator[Mistake]:
    """Warnings of posts whose week makes days longer than the clinic's, or than anybody's."""
    clinic = scenario.clinic
    days, most = len(clinic.open_days), clinic.hours.minutes
    by_day: dict[float, list[str]] = {}
    for role, post in scenario.staff.items():
        if role in catalogue.roles and post.posts > 0.0:
            week = catalogue.roles[role].minutes_per_week.value * min(post.posts, 1.0)
            if week / days > min(most, LONGEST_DAY):
                by_day.setdefault(week / days, []).append(role)
    each = "one day" if days == 1 else f"each of {days} days"
    for day, roles in by_day.items():
        message = f"posts ({listed(roles)}) would have to work {length(day)} on {each}"
        if day > most:
            message += f" of {length(most)}; what does not fit into these is lost"
        place: Path = HOURS if most < LONGEST_DAY else OPEN_DAYS
        yield Mistake(place, message)


def length(minutes: float) -> str:
    """A length of time in hours, or in minutes where it is less than one hour."""
    if minutes >= MINUTES_AN_HOUR:
        hours = minutes / MINUTES_AN_HOUR
        return f"{hours:.1f}".removesuffix(".0") + (" hour" if hours == 1.0 else " hours")
    return f"{minutes:g} minute{'' if minutes == 1.0 else 's'}"
