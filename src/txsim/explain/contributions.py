"""What acts on a hazard of a person today, by where it comes from.

Lasting effects, drivers with the help on each, and what services do directly are told apart here.
What a hazard has beside them (a phase of medication, tolerance, the visit itself): see `chances`.
"""

from __future__ import annotations

from collections.abc import Iterator

from txsim.catalogue.vocabulary import CONTINUOUS_TRAITS, SUBSTANCES, SYMPTOMS, Hazard
from txsim.explain.explanation import LEAST, Contribution
from txsim.explain.patient_day import Turn
from txsim.formatting import MINUS, listed, lower
from txsim.rules.inpatient import came_through_withdrawal
from txsim.rules.linear_predictor import ALL, HELP

ROUNDING = 1e-9
PLURAL = {"opioid": "opioids", "alcohol": "alcohol"}


def acting_on(turn: Turn, hazard: Hazard) -> list[Contribution]:
    """All that was weighed into one hazard, its own rule's terms left out.

    What the cap on the help of services gives back of it is told as a contribution of its own.
    """
    rows = [
        row
        for source in (lasting, drivers, direct)
        for row in source(turn, hazard)
        if abs(row.amount) > LEAST
    ]
    rest = float(turn.weighed.acting[hazard]) - sum(row.amount for row in rows)
    if abs(rest) > ROUNDING:
        if hazard == Hazard.DROPOUT:
            rows.append(Contribution("psychosocial cap", "services hold nobody more firmly", rest))
        else:
            rows.append(Contribution("what else lasts", "", rest))
    return rows


def lasting(turn: Turn, hazard: Hazard) -> Iterator[Contribution]:
    """The base, the way of coming, the clinic, traits and diagnoses: what does not change."""
    p, catalogue = turn.clinic.parameters, turn.clinic.design.catalogue
    patient = turn.waking
    substance = PLURAL[SUBSTANCES[patient.substance]]
    yield Contribution(f"base for {substance}", "", float(p.base[patient.substance, hazard]))
    stream = list(catalogue.streams.values())[patient.stream]
    came = float(p.stream_effects[patient.stream, hazard])
    yield Contribution(f"came: {lower(stream.label)}", "", came)
    site = f"site {patient.site}" if len(p.clinic_effects) > 1 else ""
    here = float(p.clinic_effects[patient.site, hazard])
    yield Contribution("clinic effect", site, here)
    through = came_through_withdrawal(patient, bool(p.scalars[0]["inpatient_days"] > 0))
    if hazard == Hazard.REGULAR_USE_BEGINS and through:
        less = float(p.scalars[0]["regular_use_begins_after_detoxification"])
        yield Contribution("came through withdrawal", "", less)
    for what, detail, value, c in features(turn):
        yield Contribution(what, detail, value * float(p.feature_effects[c, hazard]))


def features(turn: Turn) -> Iterator[tuple[str, str, float, int]]:
    """What a person has that lasts: in words, how much, the number itself and its position."""
    catalogue = turn.clinic.design.catalogue
    names = (*catalogue.traits, *catalogue.diagnoses, *catalogue.barriers)
    for c, name in enumerate(names):
        if name in CONTINUOUS_TRAITS:
            value = float(turn.waking[name])
            label = lower(catalogue.traits[name].label)
            yield f"trait: {label}", f"{decimal(value)} sd from the mean", value, c
        elif turn.state.has[turn.row, c]:
            if name in catalogue.traits:
                yield f"trait: {lower(catalogue.traits[name].label)}", "", 1.0, c
            elif name in catalogue.diagnoses:
                yield lower(catalogue.diagnoses[name].label), "", 1.0, c
            else:
                yield f"barrier: {lower(catalogue.barriers[name].label)}", "", 1.0, c


def drivers(turn: Turn, hazard: Hazard) -> Iterator[Contribution]:
    """Mediators and symptoms, own and helped, and what is left of barriers."""
    catalogue, weighed = turn.clinic.design.catalogue, turn.weighed
    for j, name in enumerate(turn.clinic.parameters.driver_names):
        felt, own = float(weighed.felt[ALL, j]), float(weighed.own[j])
        amount = felt * float(turn.state.effects[j, hazard])
        if name in catalogue.barriers:
            what = f"barrier: {lower(catalogue.barriers[name].label)}"
            detail = f"{felt / own:.2f} of it left" if own else ""
        else:
            symptoms = name.startswith(SYMPTOMS)
            what = (
                f"symptoms: {lower(catalogue.diagnoses[name.removeprefix(SYMPTOMS)].label)}"
                if symptoms
                else f"mediator: {lower(catalogue.mediators[name].label)}"
            )
            detail = f"own {decimal(own)}"
            help_given = float(weighed.felt[HELP, j]) if weighed.helped else 0.0
            if help_given:
                detail += f", services {decimal(help_given, sign=True)}: {helpers(turn, j)}"
        yield Contribution(what, detail, amount)


def helpers(turn: Turn, j: int) -> str:
    """The services that move a driver today, in words."""
    labels = turn.clinic.design.catalogue.services
    return listed([lower(labels[name].label) for name, on, _ in turn.weighed.services if on[j]])


def direct(turn: Turn, hazard: Hazard) -> Iterator[Contribution]:
    """What services do to the hazard itself, as paying for abstinence does."""
    services = turn.clinic.design.catalogue.services
    for name, _, paid in turn.weighed.services:
        label = lower(services[name].label)
        yield Contribution(f"services directly: {label}", "", float(paid[hazard]))


def decimal(value: float, *, sign: bool = False) -> str:
    """A number with one decimal and a true minus sign."""
    rounded = round(value, 1) + 0.0
    return f"{rounded:+.1f}".replace("-", MINUS) if sign else f"{rounded:.1f}".replace("-", MINUS)
