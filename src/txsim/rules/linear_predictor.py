"""What acts on a person today: their own drivers, and the help that services are.

`weigh` turns it all into one number a hazard: base and lasting effects, plus drivers times effects,
plus what services do (with a cap on how much they keep people in care), on the hazard's own scale.
That is the whole interaction story; nothing acts on a hazard elsewhere but the medication in force,
the phase of care and the clinic itself.
"""

from __future__ import annotations

from txsim.catalogue.vocabulary import Hazard
from txsim.compiled.functions import kernel, rule, unsigned
from txsim.compiled.lanes import adder_of_rows
from txsim.state.layout import ON_BARRIER, ON_DRIVER, VISIT_BURDEN, WITHOUT_EFFECT, ClinicState
from txsim.state.sizes import LANES

DROPOUT = int(Hazard.DROPOUT)
ALL, HELP = 0, 1
"""Rows of `ClinicState.felt`."""
add_weighted_rows = adder_of_rows(LANES)


@rule
def has_it(state: ClinicState, i: int, diagnosis: int) -> bool:
    """Whether a person has a diagnosis, by its position: symptoms are eased in nobody else."""
    return state.has[i, state.scalars[0].first_diagnosis + diagnosis] != 0


@rule
def add_up_help(state: ClinicState, i: int) -> None:
    """What the doses of services on a person's agenda do today, by channel, no limit applied.

    With an empty agenda the row of help keeps what it held; `weigh` does not read it then.
    """
    p = state.scalars[0]
    services, channels, plan, levels = state.services, state.channels, state.plan, state.level
    felt, paid = state.felt, state.paid
    first_symptom, first_barrier = p.first_symptom, p.first_barrier
    for h in range(LANES):
        paid[h] = 0.0
    if state.patients[i].agenda_length == 0:
        return
    for j in range(p.drivers):
        felt[HELP, j] = 0.0
    for place in range(state.patients[i].agenda_length):
        s = unsigned(state.agenda[i, place])
        if plan[i, s] & WITHOUT_EFFECT:
            continue
        dose = levels[i, s]
        for c in range(services[s].first_channel, services[s].after_channel):
            channel = channels[c]
            if channel.kind == ON_DRIVER:
                if first_symptom <= channel.target < first_barrier and not has_it(
                    state, i, channel.target - first_symptom
                ):
                    continue
                felt[HELP, channel.target] += channel.gain * dose
            elif channel.kind == ON_BARRIER:
                lifted = felt[HELP, channel.target]
                felt[HELP, channel.target] = lifted + (1.0 - lifted) * channel.gain * dose
            else:
                paid[channel.target] += channel.gain * dose


@rule
def weigh(state: ClinicState, i: int, visits: float) -> None:
    """One number for each hazard: all that acts on it today, on its log scale.

    What services add to a driver is limited by its ceiling, what they take off dropout by the cap.
    Of a barrier's burden stays what no service lifts; the burden that is left and the required
    visits a week make the burden of visits.
    """
    p = state.scalars[0]
    acting, own, felt, paid = state.acting, state.drivers, state.felt, state.paid
    per_visit, ceiling, fixed, effects = (
        state.per_visit,
        state.driver_ceiling,
        state.fixed,
        state.effects,
    )
    first_barrier = p.first_barrier
    helped = state.patients[i].agenda_length > 0
    if helped:
        burden = 0.0
        for j in range(first_barrier, p.drivers):
            felt[ALL, j] = own[i, j] * (1.0 - min(felt[HELP, j], 1.0))
            felt[HELP, j] = 0.0
            burden += per_visit[j] * felt[ALL, j]
        own[i, VISIT_BURDEN] = visits * burden
        for j in range(first_barrier):
            felt[HELP, j] = min(max(felt[HELP, j], -ceiling[j]), ceiling[j])
            felt[ALL, j] = own[i, j] + felt[HELP, j]
    else:
        own[i, VISIT_BURDEN] = 0.0
        for j in range(p.drivers):
            felt[ALL, j] = own[i, j]
    for h in range(LANES):
        acting[h] = fixed[i, h] + paid[h]
    add_weighted_rows(acting, felt[ALL], effects)
    if helped:
        aid = 0.0
        for j in range(first_barrier):
            aid += felt[HELP, j] * effects[j, DROPOUT]
        acting[DROPOUT] += max(p.psychosocial_cap - aid, 0.0)


@kernel
def help_with(state: ClinicState, i: int, j: int) -> float:
    """What services add to one of a person's mediators or symptoms as things stand, sd units."""
    if state.patients[i].agenda_length == 0:
        return 0.0
    add_up_help(state, i)
    ceiling = state.driver_ceiling[j]
    return min(max(state.felt[HELP, j], -ceiling), ceiling)
