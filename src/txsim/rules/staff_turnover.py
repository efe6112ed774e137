"""Staff: who is at work today, who leaves, who is hired, and what a departure does to patients.

A worker leaves at the role's yearly turnover, faster while the role is overloaded; the post stays
vacant for the hiring lag, and who fills it has fewer minutes until the job is learnt. Patients
whose primary counsellor leaves keep only part of their alliance and go through a rupture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txsim.compiled.functions import rule, seldom
from txsim.randomness import day_key, decision, ringing_time, uniform
from txsim.state.daily_table import count_departure
from txsim.state.events import WORKER_LEFT, happen, in_care
from txsim.state.layout import ALLIANCE, RUPTURE, ClinicState
from txsim.state.sizes import FIRST_YEAR, TOLERANCE, WEEKS_A_YEAR

if TYPE_CHECKING:
    from txsim.state.patient import PatientRow
    from txsim.state.records import RoleRow
    from txsim.state.scalars import Scalars
    from txsim.state.staff_member import StaffRow

LEAVES_JOB = decision("staff member leaves")
ROUNDING = 1e-6
"""Minutes that a day's sum may be off by through rounding."""
OFF_SICK = decision("staff member is off sick")
WEEKS_OF_LEAVE = decision("in which weeks a staff member is on leave")


@rule
def departure_log_rate(role: RoleRow, p: Scalars, days_in_post: int) -> float:
    """Log rate, per day, of leaving a post after so many days in it.

    The role's rate after the first year, a rate ratio for the first, and a rate ratio per unit of
    load above the threshold.
    """
    log_rate = role.turnover_log_rate
    if days_in_post < FIRST_YEAR:
        log_rate += role.turnover_first_year
    overload = role.load - p.overload_from
    if overload > 0.0:
        log_rate += p.turnover_overload * overload
    return log_rate


@rule
def leaves(luck: float, worker: StaffRow, role: RoleRow, p: Scalars, day: int) -> bool:
    """Whether a worker leaves the post today."""
    return ringing_time(luck, departure_log_rate(role, p, day - worker.hired_day)) < 1.0


@rule
def is_on_leave(worker: StaffRow, weeks: int, day: int) -> bool:
    """Whether a worker with so many weeks of leave a year is off in the week of this day.

    Weeks of leave are as far apart as they can be, and in any 52 weeks running exactly as many as
    agreed; when the first of them is, is drawn once for each post.
    """
    first = int(uniform(worker.key, WEEKS_OF_LEAVE) * WEEKS_A_YEAR)
    return (day // 7 + first) * weeks % WEEKS_A_YEAR < weeks


@rule
def share_learnt(days_in_post: int, p: Scalars) -> float:
    """Share of full minutes that a worker has for patients after so many days in the post.

    It rises in a line from `new_worker_share` to 1 over `learning_days` (both assumptions).
    """
    if days_in_post >= p.learning_days:
        return 1.0
    new: float = p.new_worker_share
    return new + (1.0 - new) * days_in_post / p.learning_days


@rule
def part_that_fits(worker: StaffRow, role: RoleRow) -> float:
    """The part of a whole post that a worker fills within the hours in which the clinic is open."""
    return min(worker.post, role.most_of_a_post)


@rule
def minutes_of(worker: StaffRow, role: RoleRow, p: Scalars, day: int) -> float:
    """Minutes for patients of a worker at work; who was there at opening has all of them."""
    minutes: float = part_that_fits(worker, role) * role.minutes_per_day
    if worker.hired_day < p.opening:
        return minutes
    return minutes * share_learnt(day - worker.hired_day, p)


@rule
def time_to_stay(worker: StaffRow, role: RoleRow, p: Scalars, is_open: bool) -> float:
    """Minutes for which a worker at work could stay on today before the house closes.

    On a closed day, those of an open one.
    """
    if not is_open:
        return p.minutes_open
    return p.minutes_open - part_that_fits(worker, role) * role.day_at_work


@rule
def staff_day(state: ClinicState, day: int, is_open: bool) -> None:
    """Departures, hires, sickness and leave; minutes on offer by role today (0 when closed)."""
    p = state.scalars[0]
    for r in range(state.roles.size):
        state.roles[r].staffed_today = 0.0
        state.roles[r].used_today = 0.0
        state.roles[r].spare = 0.0
        state.roles[r].asked_today = 0.0
        state.roles[r].stays_on = 0.0
        state.roles[r].doses_today = 0.0
    for w in range(state.staff.size):
        worker = state.staff[w]
        role = state.roles[worker.role]
        key = day_key(worker.key, day)
        if not worker.present and day >= worker.vacant_until:
            worker.present = True
            worker.hired_day = day
        elif worker.present and leaves(uniform(key, LEAVES_JOB), worker, role, p, day):
            worker.present = False
            worker.vacant_until = day + role.hiring_lag
            worker.departures += 1
            role.departures += 1.0
            count_departure(state.days, day)
            break_alliances(state, w, day)
        if worker.present:
            role.worker_days += 1.0
            role.filled_days += worker.post
        elif day >= worker.from_day:
            role.vacant_days += worker.post
        worker.at_work = (
            worker.present
            and uniform(key, OFF_SICK) >= role.sick
            and not is_on_leave(worker, role.leave_weeks, day)
        )
        if worker.at_work:
            role.stays_on += max(time_to_stay(worker, role, p, is_open), 0.0)
            if is_open:
                role.staffed_today += minutes_of(worker, role, p, day)
    for r in range(state.roles.size):
        role = state.roles[r]
        longer = min(role.staffed_today * p.overtime_share, role.stays_on)
        role.most_today = role.staffed_today + longer
        role.stays_on -= longer


@seldom
def break_alliances(state: ClinicState, leaver: int, day: int) -> None:
    """Hand the leaver's patients over: part of the alliance is lost and a rupture begins."""
    p = state.scalars[0]
    for i in range(state.patients.size):
        patient = state.patients[i]
        if patient.key_worker == leaver and in_care(patient.status):
            state.drivers[i, ALLIANCE] *= p.alliance_left_at_handover
            state.drivers[i, RUPTURE] = 1.0
            patient.alliances_broken += 1
            state.staff[leaver].caseload -= 1
            patient.key_worker = assign_key_worker(state)
            happen(state.log, state.written, patient, day, WORKER_LEFT, leaver)


@rule
def above_ceiling(worker: StaffRow, role: RoleRow, patients: int) -> bool:
    """Whether so many patients exceed a primary counsellor's caseload; never without a limit."""
    return role.caseload > 0.0 and patients > role.caseload * worker.post


@seldom
def assign_key_worker(state: ClinicState) -> int:
    """The present primary counsellor with room for another and the smallest caseload for the post.

    The first of equals; when none has room, and the clinic lets caseloads be exceeded, the one with
    the smallest. -1 when there is none: the person is seen by whoever is there, and no alliance
    grows until a primary counsellor is free.
    """
    best = -1
    lightest = 0.0
    best_is_full = False
    for w in range(state.staff.size):
        worker = state.staff[w]
        if worker.present and worker.post > 0.0 and state.roles[worker.role].key_worker:
            full = above_ceiling(worker, state.roles[worker.role], worker.caseload + 1)
            if full and not state.scalars[0].caseload_exceeded:
                continue
            burden = worker.caseload / worker.post
            if best < 0 or (best_is_full and not full):
                better = True
            else:
                better = full == best_is_full and burden < lightest
            if better:
                best = w
                lightest = burden
                best_is_full = full
    if best >= 0:
        state.staff[best].caseload += 1
    return best


@seldom
def release_key_worker(state: ClinicState, patient: PatientRow) -> None:
    """Take a leaver off the primary counsellor's caseload."""
    if patient.key_worker >= 0:
        state.staff[patient.key_worker].caseload -= 1
        patient.key_worker = -1


@rule
def count_breaches(state: ClinicState) -> None:
    """Count the primary counsellors who have more patients today than their caseload allows."""
    for w in range(state.staff.size):
        worker = state.staff[w]
        role = state.roles[worker.role]
        if worker.present and role.key_worker and above_ceiling(worker, role, worker.caseload):
            role.caseload_breaches += 1.0


@rule
def overtime(role: RoleRow) -> float:
    """Minutes used today beyond those staffed; a rounding error is none."""
    beyond: float = role.used_today - role.staffed_today
    return beyond if beyond > ROUNDING else 0.0


@rule
def close_roles(state: ClinicState, is_open: bool) -> None:
    """Count minutes, and remember how loaded each role is, which drives turnover.

    The load is minutes asked for over minutes staffed, both averaged over about a month.
    """
    p = state.scalars[0]
    count_breaches(state)
    for r in range(state.roles.size):
        role = state.roles[r]
        role.minutes_staffed += role.staffed_today
        role.minutes_used += role.used_today
        role.minutes_overtime += overtime(role)
        if is_open:
            role.asked_mean += p.load_weight * (role.asked_today - role.asked_mean)
            role.doses_mean += p.load_weight * (role.doses_today - role.doses_mean)
            role.staffed_mean += p.load_weight * (role.staffed_today - role.staffed_mean)
            role.load = 0.0
            if role.asked_mean > 0.0:
                role.load = min(role.asked_mean / max(role.staffed_mean, TOLERANCE), p.most_load)
