"""The model of docs/model.md, written from that page alone, for the clinic of from_the_page.toml.

Who wrote it had read the page and the catalogue, and no rule of txsim; where the two disagreed, the
page was mended first. It takes numbers from the catalogue, as the file changes it, and no code from
txsim: chance is NumPy's, people are columns of arrays. Numbers in brackets are sections of the page.
"""

from __future__ import annotations

import tomllib
from math import exp, log, sqrt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy import where
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import norm

from txsim.scenario import load

FILE = Path(__file__).with_suffix(".toml")
SCENARIO = tomllib.loads(FILE.read_text(encoding="utf-8"))
C = load(FILE).catalogue
MIX = C.mixes[SCENARIO["population"]["mix"]]
HAZARDS = (
    "attendance", "use", "regular_use_begins", "regular_use_ends", "dropout", "overdose",
    "fatality", "other_death", "suicide", "jail", "completion", "transfer",
)  # fmt: skip
H = SimpleNamespace(**{name: h for h, name in enumerate(HAZARDS)})
MEDIATORS = ("coping_skill", "alliance", "social_support", "craving", "recent_use", "missed_visits")
DRIVERS = (*MEDIATORS, *C.diagnoses)
D = SimpleNamespace(**{name: d for d, name in enumerate(DRIVERS)})
SYMPTOMS = slice(len(MEDIATORS), None)
DIAGNOSES = tuple(C.diagnoses.values())
MEDICATIONS = tuple(C.medications[m] for m in ("none_opioid", "methadone", "buprenorphine"))
NONE, METHADONE, BUPRENORPHINE = range(3)
CARRIERS = ("dosing", "medical_management")
SERVICES = (*CARRIERS, "individual_counselling", "therapy_group", "overdose_education_naloxone")
PHASES = ("in_first_4_weeks", "in_later", "out_first_4_weeks", "out_later")
OUTSIDE, INDUCTION, TREATMENT = 0, 3, 4
COMPLETED, DROPPED_OUT, DISCHARGED, TRANSFERRED, JAILED, DIED = range(6, 12)
LOOK_AT = 84
"""The day on whose evening mediators are written down."""


def plain(number: Any) -> float:
    """A number of the catalogue; 0 where there is none."""
    return float(getattr(number, "value", number) or 0)


def kept(half_life: Any) -> float:
    """What is left after a day, a visit or a session (7); all, where nothing fades."""
    return 0.5 ** (1 / plain(half_life)) if plain(half_life) else 1.0


def logs(effects: Any) -> Any:
    """Ratios by hazard as one row of logarithms."""
    return np.array([log(effects[h].value) if h in effects else 0.0 for h in HAZARDS])


def base(hazard: str) -> float:
    """A hazard for the reference person: log odds, or the log of a rate per day (7)."""
    told = C.hazards[hazard].opioid
    if told is None or told.unit == "probability":
        return float(logit(told.value)) if told else 0.0
    return log(told.value / (365 if told.unit == "per year" else 1))


def column(values: Any) -> Any:
    """One figure for each row of an array."""
    return np.array([plain(value) for value in values])[:, None]


N = {name: plain(number) for name, number in C.model.items()}
L = {name: log(value) for name, value in N.items() if value > 0}
M = {
    name: np.array([plain(getattr(medication, name)) for medication in MEDICATIONS])
    for name in ("adherence", "days_per_visit", "induction_days", "settles", "low_dose_share",
                 "induction_success", "induction_success_detoxified")
}  # fmt: skip
POINTS, SHARES = np.polynomial.hermite_e.hermegauss(5)
SHARES /= SHARES.sum()
BASE = np.array([base(h) for h in HAZARDS])
ACTS = np.array([logs(m.effects) + [m.solved.get(h, 0) for h in HAZARDS] for m in MEDICATIONS])
DRIVES = [C.mediators[m].effects for m in MEDIATORS] + [d.symptom_effects for d in DIAGNOSES]
WEIGHTS = np.array([logs(effects) for effects in DRIVES])


def mean_dose(name: str) -> float:
    """The reference patient's mean dose of a service over the length of its trials (7.6)."""
    told, level, total = C.services[name], 0.0, 0.0
    for day in range(told.reference_days):
        level *= kept(told.fades_over_days)
        if day % told.every_days == 0:
            level += told.attendance.value * (1 - kept(told.builds_over_sessions)) * (1 - level)
        total += level
    return total / told.reference_days


def gains(name: str) -> Any:
    """How far a service at full dose moves each driver: solved from its targets (7.6)."""
    told, gain, dose = C.services[name], np.zeros(len(DRIVERS)), mean_dose(name)
    if not told.targets:
        return gain
    first, second = (DRIVERS.index(channel) for channel in told.through)
    gain[first] = log(told.targets["dropout"].value) / (dose * WEIGHTS[first, H.dropout])

    def long_run(size: float) -> float:
        gain[second] = size
        x = BASE + dose * gain @ WEIGHTS
        outside, x = x[H.use] + L["occasional_use"], x + ACTS[METHADONE]
        more = N["reference_use"] + N["reference_use_sd"] * POINTS
        often = x[H.regular_use_begins] + N["reference_regular_use"] - x[H.regular_use_ends]
        inside, outside, regular = expit(x[H.use] + more), expit(outside + more), expit(often)
        return float(logit(SHARES @ (regular * inside + (1 - regular) * outside)))

    wanted = long_run(0.0) + log(told.targets["use"].value)
    gain[second] = brentq(lambda size: long_run(size) - wanted, -3, 3)
    return gain


def people(rng: np.random.Generator, n: int) -> SimpleNamespace:
    """Who asks: what lasts about them, weighed into one number for each hazard (5, 7.1, 7.7)."""
    factors = {f: rng.normal(size=n) for f in ("internalising", "externalising", "thought")}

    def has(name: str, told: Any) -> Any:
        loadings = getattr(told, "loadings", {})
        z = rng.normal(size=n) * sqrt(1 - sum(size**2 for size in loadings.values()))
        z += sum(size * factors[f] for f, size in loadings.items())
        return z > norm.isf((MIX.shares.get(name) or told.opioid).value)

    away = rng.normal(size=n) * log(MIX.distance_p90_km.value / MIX.distance_median_km.value)
    away /= norm.ppf(0.9)
    streams = SCENARIO["arrivals"]["streams"]
    stream = rng.choice(list(streams), n, p=list(streams.values()))
    traits = {name: has(name, told) for name, told in C.traits.items() if told.opioid}
    traits["pregnant"] &= traits["female"]
    traits["prescription_opioids"] &= ~traits["fentanyl"]
    traits["severity"], traits["frailty"] = rng.normal(size=(2, n))
    traits["under_25"] = rng.normal(MIX.age_mean.value, MIX.age_sd.value, n) < 25
    traits["far_from_clinic"] = (
        MIX.distance_median_km.value * np.exp(away) > N["far_from_clinic_km"]
    )
    traits["court"], traits["jail_release"] = stream == "court", stream == "jail_release"
    diagnoses = np.array([has(name, told) for name, told in C.diagnoses.items()])
    x = BASE[:, None] + sum(np.outer(logs(C.traits[t].effects), v) for t, v in traits.items())
    x += sum(np.outer(logs(C.streams[s].effects), stream == s) for s in streams)
    x += np.array([logs(told.effects) for told in DIAGNOSES]).T @ diagnoses
    per_visit = np.zeros(n)
    for name, told in C.barriers.items():
        size = 1 - N["burden_spread"] + 2 * N["burden_spread"] * rng.random(n)
        far = np.exp(N["burden_by_distance"] * away) if told.distance else 1.0
        burden = np.minimum(1, told.burden.value * size * far) * has(name, told)
        x += np.outer(logs(told.effects), burden)
        per_visit += told.per_visit.value * burden
    use_days = np.clip(rng.normal(MIX.use_days.value, N["use_days_sd"], n), 0, 30)
    detoxified = rng.random(n) < MIX.detoxified_share.value
    x[H.regular_use_begins] += L["regular_use_begins_after_detoxification"] * detoxified
    goes_on = ~detoxified | (rng.random(n) < N["regular_after_detoxification"])
    on_methadone = rng.random(n) < SCENARIO["medication"]["assign"]["methadone"]
    medication = where(on_methadone, METHADONE, BUPRENORPHINE)
    to_wish = sum(m.substance == "opioid" and bool(m.service) for m in C.medications.values())
    return SimpleNamespace(
        x=x, per_visit=per_visit, diagnoses=diagnoses, detoxified=detoxified, medication=medication,
        severity=traits["severity"], fentanyl=traits["fentanyl"], recent_use=use_days / 30,
        early=np.array([logs(told.early_effects)[H.dropout] for told in DIAGNOSES]) @ diagnoses,
        regular=(use_days >= N["regular_use_days"]) & goes_on, on_wish=rng.random(n) < 1 / to_wish,
        low_dose=rng.random(n) < M["low_dose_share"][medication],
    )  # fmt: skip


def live(rng: np.random.Generator, n: int, days: int) -> SimpleNamespace:
    """The lives of so many people, all admitted on day 0, evening by evening (3)."""
    who, services = people(rng, n), [C.services[s] for s in SERVICES]
    every, rules = [int(s.every_days) for s in services], SCENARIO["rules"]
    completes_after = MEDICATIONS[METHADONE].completion_after_days
    gain, fades = (
        np.array([gains(s) for s in SERVICES]),
        column(kept(s.fades_over_days) for s in services),
    )
    saves = np.array([logs(C.services[s].pays_for)[H.fatality] / mean_dose(s) for s in SERVICES])
    per_burden = logs(C.mediators["visit_burden"].effects)[:, None]
    mediators = [C.mediators[m] for m in MEDIATORS]
    ceiling = column([*(m.ceiling for m in mediators), *(d.symptom_ceiling for d in DIAGNOSES)])
    half_lives = [
        *(m.half_life_days for m in mediators),
        *(d.symptom_half_life_days for d in DIAGNOSES),
    ]
    lasts = column(map(kept, half_lives))
    by_visit, lasts[D.missed_visits] = kept(half_lives[D.missed_visits]), 1
    raises = column(d.use_raises for d in DIAGNOSES) * who.diagnoses
    crises_per_day = column(d.crises_per_year for d in DIAGNOSES) * who.diagnoses / 365
    ratio = [np.log([getattr(m.overdose, p).value for m in MEDICATIONS]) for p in PHASES]
    succeeds = where(
        who.detoxified,
        *(
            M[name][who.medication]
            for name in ("induction_success_detoxified", "induction_success")
        ),
    )
    succeeds = expit(logit(succeeds) + L["fentanyl_induction"] * who.fentanyl)

    own = np.zeros((len(DRIVERS), n))
    own[: D.recent_use] = rng.normal(size=(D.recent_use, n))
    start = own.copy()
    own[D.recent_use], start[D.craving] = who.recent_use, N["craving_severity"] * who.severity
    medication, regular, status = who.medication.copy(), who.regular.copy(), np.full(n, INDUCTION)
    tolerance, cover = where(who.detoxified, N["tolerance_after_detoxification"], 1), np.zeros(n)
    given_up, due, dose = np.zeros((5, n), bool), np.zeros((5, n), int), np.zeros((5, n))
    plan = rng.random((5, n)) < column(s.uptake for s in services)
    plan[0], plan[1] = medication == METHADONE, medication == BUPRENORPHINE
    supply, supplied, undosed, clean, last_contact = (
        M["days_per_visit"][medication],
        *np.zeros((4, n), int),
    )
    begun, last_use, left_day = np.full((3, n), -99)
    counts = ("overdoses", "overdoses_in_care", "crises", "urines", "urines_positive", "symptoms",
              "mondays", "death_cause", "exit_reason")  # fmt: skip
    rows = {name: np.zeros(n) for name in counts} | {"exit_day": np.full(n, -1)}
    seen = SimpleNamespace(rows=rows, booked=np.zeros((5, n), int), kept=np.zeros((5, n), int))
    seen.status, seen.used, seen.medicated, seen.visited = np.zeros((4, days, n), int)

    def happens(p: Any) -> Any:
        return rng.random(np.broadcast(p, medication).shape) < p

    for day in range(days):
        alive, jailed, elsewhere = status != DIED, status == JAILED, status == TRANSFERRED
        care, free = np.isin(status, (INDUCTION, TREATMENT)), alive & ~jailed

        # The morning: services fade, everything is weighed (7.4, 7.7).
        dose *= fades
        help_ = np.clip(gain.T @ dose, -ceiling, ceiling)
        x = who.x + WEIGHTS.T @ (own + help_)
        x[H.dropout] += np.maximum(0, L["psychosocial_cap"] - WEIGHTS[:, H.dropout] @ help_)
        x[H.fatality] += saves @ dose
        x += per_burden * (care & (medication != NONE)) * who.per_visit * 7 / supply

        # Visits (7.4).
        luck, came, dosed = rng.random(n), *np.zeros((2, n), bool)
        for s, service in enumerate(services):
            asked = care & plan[s] & (due[s] <= day)
            here = asked & (luck < expit(logit(service.attendance.value) + x[H.attendance]))
            away = asked & ~here
            came |= here
            seen.booked[s] += asked
            seen.kept[s] += here
            dose[s] += here * (1 - dose[s]) * (1 - kept(service.builds_over_sessions))
            missed = own[D.missed_visits]
            missed += asked * (1 - by_visit) * (away - missed)
            if s < len(CARRIERS):
                dosed |= here
                due[s, away] = day + 1
                continue
            own[D.alliance] += N["alliance_per_session_kept"] * here
            own[D.alliance] -= N["alliance_per_session_missed"] * away
            due[s, here], due[s, away] = day + every[s], day + min(7, every[s])
            quits = here & happens(service.quits.value)
            plan[s, quits], given_up[s, quits] = False, True

        # The dose (7.5).
        fails = dosed & (begun < 0) & ~happens(succeeds)
        first, dosed = dosed & (begun < 0) & ~fails, dosed & ~fails
        medication[fails], plan[:2, fails], begun[first] = NONE, False, day
        regular &= ~(first & happens(M["settles"][medication]))
        gives = M["days_per_visit"][medication]
        for step in SCENARIO["medication"]["take_home"]:
            clean_enough = (clean >= N["clean_weeks"]) | (not step.get("clean", False))
            allowed = (medication == METHADONE) & clean_enough & (day >= step["from_day"])
            gives = where(allowed, step["days_per_visit"], gives)
        supply = where(dosed, gives, supply)
        supplied = where(dosed, day + np.floor(gives) + happens(gives % 1), supplied)
        due[:2] = where(dosed, supplied, due[:2])
        taken = care & (medication != NONE) & (supplied > day) & happens(M["adherence"][medication])
        found = (day - begun) / np.maximum(1, M["induction_days"][medication])
        titrated = 1 - (1 - N["first_dose_effect"]) * np.exp(-N["titration_pace"] * found)
        fading = cover * kept(N["blockade_half_life_days"])
        cover = where(
            taken, where(found < 1, titrated, 1), where(elsewhere, medication != NONE, fading)
        )
        medicated = cover > N["medicated_from"]
        undosed = where(taken, 0, undosed + (care & (medication != NONE)))
        last_contact[came | taken] = day

        # Use (7.8).
        way_out = where(regular, H.regular_use_ends, H.regular_use_begins)
        rate = np.exp(x[way_out, np.arange(n)] + cover * ACTS[medication, way_out])
        regular ^= free & happens(1 - np.exp(-rate))
        under = where(regular, cover * ACTS[medication, H.use], L["occasional_use"])
        used = free & happens(expit(x[H.use] + under))
        last_use[used] = day

        # Tolerance and drivers (7.7), crises (7.16), the weekly urine (7.10).
        gained = (1 - tolerance) * (1 - kept(N["tolerance_gain_days"]))
        faded = tolerance * kept(N["tolerance_half_life_days"])
        tolerance = where(used | medicated, tolerance + gained, faded)
        own = start + lasts * (own - start)
        own[D.recent_use] += (1 - lasts[D.recent_use]) * used
        own[D.craving] += N["craving_shock_sd"] * rng.normal(size=n)
        own[SYMPTOMS] += raises * used
        felt = own[SYMPTOMS] + help_[SYMPTOMS]
        rate = crises_per_day * N["crisis_symptoms"] ** felt * free
        crises = happens(1 - np.exp(-rate)).sum(axis=0)
        rows["crises"] += crises
        own[D.craving] += N["crisis_craving"] * crises
        own[D.alliance] -= N["crisis_alliance"] * crises
        if day % 7 == 0:
            rows["mondays"] += alive
            rows["symptoms"] += (
                alive
                * (felt * who.diagnoses).sum(axis=0)
                / np.maximum(1, who.diagnoses.sum(axis=0))
            )
        if day % 7 == 0 and day > 0:
            positive = day - last_use < N["urine_window_days"]
            rows["urines"] += care
            rows["urines_positive"] += care & positive
            clean = where(positive, 0, clean + 1)

        # The race of the clocks (7.9).
        phases = [[p for p in m.phases if p.from_day <= day][-1] for m in MEDICATIONS]
        share = np.log(
            [p.dropout.value / MEDICATIONS[METHADONE].phases[1].dropout.value for p in phases]
        )
        leaving = np.array([p.solved for p in phases])[medication] + x[H.dropout]
        relapsed = L["regular_use_dropout_after_detoxification"] * who.detoxified
        leaving += (L["regular_use_dropout"] + relapsed) * regular
        leaving += who.early * (day < N["early_days"])
        suits = (
            logs(C.traits["low_dose"].effects)[H.dropout] * who.low_dose
            + L["preference_match"] * who.on_wish
        )
        leaving += suits * (medication != NONE)
        just_out = ~care & ~jailed & ~elsewhere & (day - left_day < 28)
        since = where(medication == NONE, 0, begun)
        in_phase = care & (since >= 0)
        phase = where(
            elsewhere | in_phase, where(in_phase & (day - since < 28), 0, 1), where(just_out, 2, 3)
        )
        overdosing = (
            np.array(ratio)[phase, medication]
            + L["low_tolerance_overdose"] * (1 - tolerance) * used
        )
        clocks = {
            "overdose": (free, x[H.overdose] + overdosing),
            "suicide": (alive, x[H.suicide] + L["suicide_just_out"] * just_out),
            "other": (alive, x[H.other_death] + L["other_death_just_out"] * just_out),
            "dropout": (care, leaving),
            "transfer": (care, x[H.transfer] + share[medication]),
            "completion": (
                care & (medication != NONE) & (day >= completes_after),
                x[H.completion] + share[medication],
            ),
            "jail": (free, x[H.jail]),
            "release": (jailed, np.full(n, -L["jail_days"])),
        }
        rings = np.array(
            [
                where(runs, rng.exponential(size=n) / np.exp(rate), 1)
                for runs, rate in clocks.values()
            ]
        )
        now = {
            name: (rings.argmin(axis=0) == c) & (rings.min(axis=0) < 1)
            for c, name in enumerate(clocks)
        }
        rows["overdoses"] += now["overdose"]
        rows["overdoses_in_care"] += now["overdose"] & care
        killed = now["overdose"] & happens(expit(x[H.fatality]))
        for cause, dies in enumerate((killed, now["suicide"], now["other"]), 1):
            rows["death_cause"][dies] = cause

        # Who is still there: induction over, rules of discharge (7.10), review (7.11).
        status[now["release"]] = OUTSIDE
        exits = [
            (now["completion"], COMPLETED, 1), (now["dropout"], DROPPED_OUT, 2),
            (now["transfer"], TRANSFERRED, 5), (now["jail"], JAILED, 6),
            (killed | now["suicide"] | now["other"], DIED, 7),
        ]  # fmt: skip
        stays = care & ~np.any([leaves for leaves, *_ in exits], axis=0)
        status[stays & (since >= 0) & (day - since >= M["induction_days"][medication])] = TREATMENT
        unseen = np.maximum(undosed, day - last_contact) >= rules["discharge_after_missed_days"]
        absent = stays & unseen & plan.any(axis=0)
        unruly = happens(1 - exp(-rules["put_out_for_behaviour_per_year"] / 365))
        exits += [(absent, DISCHARGED, 3), (stays & ~absent & unruly, DISCHARGED, 11)]
        for leaves, becomes, reason in exits:
            status[leaves] = becomes
            rows["exit_reason"][leaves & care] = reason
            rows["exit_day"][leaves & care] = left_day[leaves & care] = day
        if day > 0 and day % SCENARIO["plan"]["review_every_days"] == 0:
            stays = np.isin(status, (INDUCTION, TREATMENT)) & ~plan & ~given_up
            new = stays & happens(column(s.uptake for s in services) + 0 * due)
            new[: len(CARRIERS)] = False
            plan, due = plan | new, where(new, day + 1, due)
        seen.status[day], seen.used[day], seen.visited[day] = status, used, came
        seen.medicated[day] = medicated & ~elsewhere & (status != TRANSFERRED)
        if day == LOOK_AT:
            rows |= dict(zip(MEDIATORS, own.copy(), strict=False)) | {"tolerance": tolerance}
    rows["first_medication"] = who.medication
    rows["first_dose_day"] = where(medication == NONE, 0, begun)
    seen.rows = rows
    return seen
