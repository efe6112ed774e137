"""What acts on a person today: their own drivers, and the help that services are.

`weigh` turns it all into one number a hazard: base and lasting effects, plus drivers times effects,
plus what services do (with a cap on how much they keep people in care), on the hazard's own scale.
That is the whole interaction story; nothing acts on a hazard elsewhere but the medication in force,
the phase of care and the clinic itself.
"""

from __future__ import annotations

from txsim.catalogue.vocabulary import Hazard
from txsim.compiling import kernel, rule, unsigned
from txsim.rules.books import ON_BARRIER, ON_DRIVER, VISIT_BURDEN, WITHOUT_EFFECT, Books
from txsim.sums import LANES, add_weighted_rows

DROPOUT = int(Hazard.DROPOUT)
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
    for h in range(LANES):
        paid[h] = 0.0
    if books.patients[i].agenda_length == 0:
        return
    for j in range(course.drivers):
        felt[HELP, j] = 0.0
    for place in range(books.patients[i].agenda_length):
        s = unsigned(books.agenda[i, place])
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


@rule
def weigh(books: Books, i: int, visits: float) -> None:
    """One number for each hazard: all that acts on it today, on its log scale.

    What services add to a driver is limited by its ceiling, what they take off dropout by the cap.
    Of a barrier's burden stays what no service lifts; the burden that is left and the required
    visits a week make the burden of visits.
    """
    course = books.course[0]
    acting, own, felt, paid = books.acting, books.drivers, books.felt, books.paid
    per_visit, ceiling, fixed, effects = (
        books.per_visit,
        books.driver_ceiling,
        books.fixed,
        books.effects,
    )
    first_barrier = course.first_barrier
    helped = books.patients[i].agenda_length > 0
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
    for h in range(LANES):
        acting[h] = fixed[i, h] + paid[h]
    add_weighted_rows(acting, felt[ALL], effects)
    if helped:
        aid = 0.0
        for j in range(first_barrier):
            aid += felt[HELP, j] * effects[j, DROPOUT]
        acting[DROPOUT] += max(course.psychosocial_cap - aid, 0.0)


@kernel
def help_with(books: Books, i: int, j: int) -> float:
    """What services add to one of a person's mediators or symptoms as things stand, sd units."""
    if books.patients[i].agenda_length == 0:
        return 0.0
    add_up_help(books, i)
    ceiling = books.driver_ceiling[j]
    return min(max(books.felt[HELP, j], -ceiling), ceiling)
