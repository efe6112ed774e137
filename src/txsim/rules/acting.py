"""What acts on a person today: their own drivers, and the help that services are.

`weigh` turns it all into one number a hazard: base and lasting effects, plus drivers times effects,
plus what services do (with a cap on how much they keep people in care), on the hazard's own scale.
That is the whole interaction story; nothing acts on a hazard elsewhere but the medication in force,
the phase of care and the clinic itself.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from txsim.catalogue.vocabulary import Hazard
from txsim.compiling import kernel, rule
from txsim.events import BOOKED, WAITING, Status, in_care
from txsim.rules.books import ON_BARRIER, ON_DRIVER, VISIT_BURDEN, WITHOUT_EFFECT, Array, Books

HAZARD_COUNT = len(Hazard)
ATTENDANCE, ENTRY, DROPOUT = int(Hazard.ATTENDANCE), int(Hazard.ENTRY), int(Hazard.DROPOUT)
BEGINS, ENDS = int(Hazard.REGULAR_USE_BEGINS), int(Hazard.REGULAR_USE_ENDS)
COMPLETION, TRANSFER = int(Hazard.COMPLETION), int(Hazard.TRANSFER)
RETURN_TO_CARE, WALK_AWAY = int(Hazard.RETURN_TO_CARE), int(Hazard.WALK_AWAY)
ALL, HELP = 0, 1
"""Rows of `Books.felt`."""


@rule
def add_up_help(books: Books, i: int) -> None:
    """What the doses of services on a person's agenda do today, by channel, no limit applied.

    With an empty agenda the row of help keeps what it held; `weigh` does not read it then.
    """
    course = books.course[0]
    services, channels, plan, levels = books.services, books.channels, books.plan, books.level
    felt, paid = books.felt, books.paid
    for h in range(HAZARD_COUNT):
        paid[h] = 0.0
    if books.patients[i].agenda_length == 0:
        return
    for j in range(course.drivers):
        felt[HELP, j] = 0.0
    for place in range(books.patients[i].agenda_length):
        s = int(books.agenda[i, place])
        if plan[i, s] & WITHOUT_EFFECT:
            continue
        dose = levels[i, s]
        for c in range(services[s].first_channel, services[s].after_channel):
            channel = channels[c]
            if channel.kind == ON_DRIVER:
                felt[HELP, channel.target] += channel.gain * dose
            elif channel.kind == ON_BARRIER:
                lifted = felt[HELP, channel.target]
                felt[HELP, channel.target] = lifted + (1.0 - lifted) * channel.gain * dose
            else:
                paid[channel.target] += channel.gain * dose


def matters(h: int, status: int, regular: bool) -> bool:
    """Whether a hazard can be asked for on a day that begins in this status and regime of use."""
    caring, in_line = in_care(status), status == WAITING or status == BOOKED
    if h == BEGINS:
        return not regular
    if h == ENDS:
        return regular
    if h == DROPOUT or h == TRANSFER or h == COMPLETION:
        return caring or status == BOOKED
    if h == ATTENDANCE:
        return caring or in_line
    if h == ENTRY:
        return status == BOOKED
    if h == WALK_AWAY:
        return in_line
    if h == RETURN_TO_CARE:
        return not caring and status != WAITING
    return True


@cache
def hazards_that_matter() -> tuple[Array, Array]:
    """The positions of the hazards that matter, and where those of a status and regime begin.

    Twice the status, and 1 more in regular use, is the place of a status and regime.
    """
    lists = [
        [h for h in range(HAZARD_COUNT) if matters(h, int(status), regular)]
        for status in Status
        for regular in (False, True)
    ]
    begins = np.cumsum([0, *(len(one) for one in lists)]).astype(np.uint64)
    return np.array([h for one in lists for h in one], np.uint64), begins


@rule
def weigh(books: Books, i: int, visits: float) -> None:
    """One number for each hazard that matters today: all that acts on it, on its log scale.

    What services add to a driver is limited by its ceiling, what they take off dropout by the cap.
    Of a barrier's burden stays what no service lifts; the burden that is left and the required
    visits a week make the burden of visits.
    """
    course = books.course[0]
    patient = books.patients[i]
    acting, own, felt, paid = books.acting, books.drivers, books.felt, books.paid
    influences, begins = books.influences, books.influences_from
    per_visit, ceiling, fixed = books.per_visit, books.driver_ceiling, books.fixed
    matter, first_barrier = books.matter, course.first_barrier
    helped = patient.agenda_length > 0
    if helped:
        burden = 0.0
        for j in range(first_barrier, course.drivers):
            felt[ALL, j] = own[i, j] * (1.0 - min(felt[HELP, j], 1.0))
            felt[HELP, j] = 0.0
            burden += per_visit[j] * felt[ALL, j]
        own[i, VISIT_BURDEN] = visits * burden
        for j in range(first_barrier):
            felt[HELP, j] = min(max(felt[HELP, j], -ceiling[j]), ceiling[j])
            felt[ALL, j] = own[i, j] + felt[HELP, j]
    else:
        own[i, VISIT_BURDEN] = 0.0
        for j in range(course.drivers):
            felt[ALL, j] = own[i, j]
    place = 2 * patient.status + (1 if patient.regular_use else 0)
    for p in range(books.matter_from[place], books.matter_from[place + 1]):
        h = matter[p]
        amount = fixed[i, h] + paid[h]
        for k in range(begins[h], begins[h + 1]):
            amount += felt[ALL, influences[k].driver] * influences[k].strength
        acting[h] = amount
    if helped:
        aid = 0.0
        for k in range(begins[DROPOUT], begins[DROPOUT + 1]):
            aid += felt[HELP, influences[k].driver] * influences[k].strength
        acting[DROPOUT] += max(course.psychosocial_cap - aid, 0.0)


@kernel
def help_with(books: Books, i: int, j: int) -> float:
    """What services add to one of a person's mediators or symptoms as things stand, sd units."""
    if books.patients[i].agenda_length == 0:
        return 0.0
    add_up_help(books, i)
    ceiling = books.driver_ceiling[j]
    return min(max(books.felt[HELP, j], -ceiling), ceiling)
