"""The model of docs/model.md written from that page alone, for the clinic of from_the_page.toml.

Whoever wrote this had read the page, docs/outcomes.md and the catalogue, and no rule of txsim. It takes
numbers from the catalogue and has no other line of txsim's: chance is NumPy's, people are columns of
arrays, and what the scenario switches off is left out. Numbers in parentheses are sections of the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from txsim.catalogue import load_catalogue

Array = NDArray[Any]
CATALOGUE = load_catalogue()
HAZARDS = ("attendance", "use", "regular_use_begins", "regular_use_ends", "dropout", "overdose",
           "fatality", "other_death", "suicide", "jail", "completion", "transfer")  # fmt: skip
ATTENDANCE, USE, BEGINS, ENDS, DROPOUT, OVERDOSE, FATALITY, OTHER, SUICIDE, JAIL, COMPLETION, TRANSFER = range(12)
MEDIATORS = ("coping_skill", "alliance", "social_support", "craving", "recent_use", "missed_visits")
ALLIANCE, CRAVING, RECENT, MISSED = 1, 3, 4, 5
DIAGNOSES = tuple(CATALOGUE.diagnoses)
DRIVERS = MEDIATORS + DIAGNOSES
SERVICES = ("dosing", "medical_management", "individual_counselling", "therapy_group", "overdose_education_naloxone")
MEDICATIONS = ("none_opioid", "methadone", "buprenorphine")
NONE, METHADONE, BUPRENORPHINE = range(3)
OUTSIDE, INDUCTION, TREATMENT, COMPLETED, DROPPED_OUT, DISCHARGED, TRANSFERRED, JAILED, DIED = 0, 3, 4, 6, 7, 8, 9, 10, 11

# What the scenario says (from_the_page.toml).
MIX = CATALOGUE.mixes["outpatient opioid programme"]
STREAMS = {"self": 0.6, "court": 0.3, "jail_release": 0.1}
METHADONE_SHARE = 0.6
STEPS = ((0, 1.0, False), (28, 1.4, False), (84, 3.5, True))
COMPLETES_AFTER = 120
REVIEW_EVERY, MISSED_DAYS, BEHAVIOUR = 30, 21, 0.1 / 365
RHYTHM = {"individual_counselling": 14, "therapy_group": 7, "overdose_education_naloxone": 180}


def number(name: str) -> float:
    """One of the model's own numbers."""
    return float(CATALOGUE.model[name].value)


def logit(p: Any) -> Any:
    """Log odds."""
    return np.log(p / (1 - p))


def chance(x: Any) -> Any:
    """The probability of log odds."""
    return 1 / (1 + np.exp(-x))


def left(half_life: float) -> float:
    """What is kept of one day (or visit, or session) with this half-life."""
    return 0.5 ** (1 / half_life)


def logs(effects: Any) -> Array:
    """Effects as one column over the hazards: all of them are ratios."""
    return np.array([np.log(effects[h].value) if h in effects else 0.0 for h in HAZARDS])


def base(hazard: str) -> float:
    """A hazard for the reference person, as log odds or the log of a rate per day."""
    told = CATALOGUE.hazards[hazard].opioid
    if told.unit == "probability":
        return float(logit(told.value))
    return float(np.log(told.value / (365 if told.unit == "per year" else 1)))


BASE = np.array([0.0 if h in ("attendance", "dropout") else base(h) for h in HAZARDS])
WEIGHTS = np.array([logs(CATALOGUE.mediators[m].effects) for m in MEDIATORS]
                   + [logs(CATALOGUE.diagnoses[d].symptom_effects) for d in DIAGNOSES])  # fmt: skip
CEILING = np.array([CATALOGUE.mediators[m].ceiling for m in MEDIATORS]
                   + [CATALOGUE.diagnoses[d].symptom_ceiling for d in DIAGNOSES])[:, None]  # fmt: skip
OCCASIONAL = np.log(number("occasional_use"))


def acts(medication: str) -> Array:
    """What a medication in force adds to use and to the beginning and end of regular use (7.8)."""
    told = CATALOGUE.medications[medication]
    solved = told.solved if told.effects else {}
    return logs(told.effects) + np.array([solved.get(h, 0.0) for h in HAZARDS])


def mean_dose(name: str) -> float:
    """Mean dose of a service over its reference days for a patient of average attendance (7.4, 7.6)."""
    told = CATALOGUE.services[name]
    show, every = told.attendance.value, int(told.every_days)
    gain, fade = 1 - left(told.builds_over_sessions.value), left(told.fades_over_days.value)
    dose = total = 0.0
    for day in range(told.reference_days):
        dose *= fade
        if day % every == 0:
            dose += show * gain * (1 - dose)
        total += dose
    return total / told.reference_days


@cache
def gains(name: str) -> tuple[float, ...]:
    """How far a service moves each driver at full dose: solved from its targets (7.6)."""
    told, gain = CATALOGUE.services[name], np.zeros(len(DRIVERS))
    if not told.targets:
        return tuple(gain)
    dose = mean_dose(name)
    first, second = (DRIVERS.index(channel) for channel in told.through)
    gain[first] = np.log(told.targets["dropout"].value) / (dose * WEIGHTS[first, DROPOUT])

    def odds(size: float) -> float:
        gain[second] = size
        x = BASE + acts("methadone") + dose * gain @ WEIGHTS
        outside = BASE[USE] + OCCASIONAL + dose * (gain @ WEIGHTS)[USE]
        regular = chance(x[BEGINS] - x[ENDS])
        return float(logit(regular * chance(x[USE]) + (1 - regular) * chance(outside)))

    wanted = odds(0.0) + np.log(told.targets["use"].value)
    gain[second] = brentq(lambda size: odds(size) - wanted, -3, 3)
    return tuple(gain)


@dataclass
class People:
    """Who asks (7.1): their medication, what they are in, and what lasts about them, weighed."""

    medication: Array
    x: Array  # hazards x people
    burden: Array  # per visit
    severity: Array
    fentanyl: Array
    detoxified: Array
    regular: Array
    recent_use: Array
    has: Array  # diagnoses x people
    early: Array
    low_dose: Array


def people(rng: np.random.Generator, n: int) -> People:
    """Draw people."""
    factors = {f: rng.normal(size=n) for f in ("internalising", "externalising", "thought")}

    def feature(name: str, told: Any) -> Array:
        share = (MIX.shares.get(name) or told.opioid).value
        loadings = getattr(told, "loadings", {})
        own = np.sqrt(1 - sum(size**2 for size in loadings.values()))
        z = sum((size * factors[f] for f, size in loadings.items()), own * rng.normal(size=n))
        return z > normal_quantile(1 - share)

    x = np.repeat(BASE[:, None], n, axis=1)
    severity, frailty, z = rng.normal(size=(3, n))
    spread = np.log(MIX.distance_p90_km.value / MIX.distance_median_km.value) / normal_quantile(0.9)
    stream = rng.choice(list(STREAMS), n, p=list(STREAMS.values()))
    traits: dict[str, Array] = {
        "severity": severity,
        "frailty": frailty,
        "under_25": rng.normal(MIX.age_mean.value, MIX.age_sd.value, n) < 25,
        "far_from_clinic": MIX.distance_median_km.value * np.exp(spread * z) > number("far_from_clinic_km"),
        "court": stream == "court",
        "jail_release": stream == "jail_release",
    }
    for name, told in CATALOGUE.traits.items():
        if told.opioid is not None:
            traits[name] = feature(name, told)
    traits["pregnant"] &= traits["female"]
    traits["prescription_opioids"] &= ~traits["fentanyl"]
    for name, has in traits.items():
        x += np.outer(logs(CATALOGUE.traits[name].effects), has)
    for name in STREAMS:
        x += np.outer(logs(CATALOGUE.streams[name].effects), stream == name)
    has = np.array([feature(name, told) for name, told in CATALOGUE.diagnoses.items()])
    x += np.array([logs(told.effects) for told in CATALOGUE.diagnoses.values()]).T @ has
    early = sum(logs(told.early_effects)[DROPOUT] * one for told, one in zip(CATALOGUE.diagnoses.values(), has, strict=True))
    burden = np.zeros(n)
    for name, told in CATALOGUE.barriers.items():
        s, u = number("burden_spread"), rng.random(n)
        size = told.burden.value * (1 - s + 2 * s * u)
        if told.distance:
            size = size * np.exp(number("burden_by_distance") * spread * z)
        size = np.minimum(1, size) * feature(name, told)
        x += np.outer(logs(told.effects), size)
        burden += told.per_visit.value * size
    use_days = np.clip(rng.normal(MIX.use_days.value, number("use_days_sd"), n), 0, 30)
    detoxified = rng.random(n) < MIX.detoxified_share.value
    regular = (use_days >= number("regular_use_days")) & ~(detoxified & (rng.random(n) > number("regular_after_detoxification")))
    medication = np.where(rng.random(n) < METHADONE_SHARE, METHADONE, BUPRENORPHINE)
    wished = rng.random(n) < 1 / sum(m.substance == "opioid" and m.service != "" for m in CATALOGUE.medications.values())
    x[DROPOUT] += np.log(number("preference_match")) * wished
    low = rng.random(n) < of_medication(lambda m: m.low_dose_share.value)[medication]
    return People(medication, x, burden, severity, traits["fentanyl"], detoxified, regular, use_days / 30, has, early, low)


def normal_quantile(p: float) -> float:
    """A quantile of the standard normal distribution."""
    from scipy.stats import norm

    return float(norm.ppf(p))


def of_medication(figure: Any) -> Array:
    """A figure of each medication."""
    return np.array([figure(CATALOGUE.medications[name]) for name in MEDICATIONS])


@dataclass
class Lives:
    """What became of people: days x people, and one value a person."""

    status: Array
    used: Array
    medicated: Array
    visited: Array
    rows: dict[str, Array]
    booked: Array  # services x people
    kept: Array


def live(rng: np.random.Generator, n: int, days: int) -> Lives:
    """The lives of so many people from day 0, on which all are admitted (3)."""
    who = people(rng, n)
    medication, regular = who.medication.copy(), who.regular.copy()
    own = np.zeros((len(DRIVERS), n))
    own[:4] = rng.normal(size=(4, n))
    own[RECENT] = who.recent_use
    start = own.copy()
    start[CRAVING] = number("craving_severity") * who.severity
    start[RECENT] = 0
    half_lives = [CATALOGUE.mediators[m].half_life_days for m in MEDIATORS] + [
        CATALOGUE.diagnoses[d].symptom_half_life_days for d in DIAGNOSES]  # fmt: skip
    stays = np.array([left(h.value) if h else 1.0 for h in half_lives])[:, None]
    stays[MISSED] = 1
    use_raises = np.array([CATALOGUE.diagnoses[d].use_raises.value for d in DIAGNOSES])[:, None] * who.has
    crises_per_day = np.array([CATALOGUE.diagnoses[d].crises_per_year.value for d in DIAGNOSES])[:, None] * who.has / 365
    told = [CATALOGUE.services[s] for s in SERVICES]
    gain = np.array([gains(s) for s in SERVICES])
    fatality = np.array([logs(CATALOGUE.services[s].pays_for)[FATALITY] / mean_dose(s) for s in SERVICES])
    builds = np.array([1 - left(s.builds_over_sessions.value) for s in told])
    fades = np.array([left(s.fades_over_days.value) for s in told])[:, None]
    plan = np.array([medication == METHADONE, medication == BUPRENORPHINE] + [rng.random(n) < s.uptake.value for s in told[2:]])
    given_up, due, dose = np.zeros(plan.shape, bool), np.zeros(plan.shape, int), np.zeros(plan.shape)
    booked, kept = np.zeros(plan.shape, int), np.zeros(plan.shape, int)
    effect = np.array([acts(m) for m in MEDICATIONS])
    induction_days = of_medication(lambda m: m.induction_days or 0.0)
    adherence, settles = of_medication(lambda m: m.adherence.value), of_medication(lambda m: m.settles.value if m.settles else 0.0)
    succeeds = np.where(who.detoxified, of_medication(lambda m: m.induction_success_detoxified.value)[medication],
                        of_medication(lambda m: m.induction_success.value)[medication])  # fmt: skip
    succeeds = chance(logit(np.minimum(succeeds, 1 - 1e-12)) + np.log(number("fentanyl_induction")) * who.fentanyl)
    ratio = {p: np.log(of_medication(lambda m, p=p: getattr(m.overdose, p).value))
             for p in ("in_first_4_weeks", "in_later", "out_first_4_weeks", "out_later")}  # fmt: skip
    middle = CATALOGUE.medications["methadone"].phases[1].dropout.value
    status, cover = np.full(n, INDUCTION), np.zeros(n)
    supply = of_medication(lambda m: m.days_per_visit)[medication]
    tolerance = np.where(who.detoxified, number("tolerance_after_detoxification"), 1.0)
    begun, supplied, missed_doses = np.full(n, -1), np.zeros(n, int), np.zeros(n, int)
    last_use, last_contact, left_day, clean = np.full(n, -99), np.zeros(n, int), np.full(n, -1), np.zeros(n, int)
    rows: dict[str, Array] = {name: np.zeros(n) for name in (
        "overdoses", "overdoses_in_care", "crises", "urines", "urines_positive", "symptoms", "mondays", "cause", "visits_due", "visits_kept")}  # fmt: skip
    rows |= {"exit_reason": np.zeros(n, int), "exit_day": np.full(n, -1), "first_dose_day": np.full(n, -1), "medication": who.medication}
    calendar = Lives(*np.zeros((4, days, n), np.uint8), rows, booked, kept)  # type: ignore[arg-type]

    for day in range(days):
        alive, care, jailed = status != DIED, (status == INDUCTION) | (status == TREATMENT), status == JAILED
        dose *= fades
        help_ = np.clip(gain.T @ dose, -CEILING, CEILING)
        x = who.x + WEIGHTS.T @ own + WEIGHTS.T @ help_
        x[DROPOUT] += np.maximum(0, np.log(number("psychosocial_cap")) - WEIGHTS[:, DROPOUT] @ help_)
        x[FATALITY] += fatality @ dose
        step = np.ones(n)
        for from_day, gives, only_clean in STEPS:
            step = np.where((day >= from_day) & ((clean >= number("clean_weeks")) | (not only_clean)), gives, step)
        rhythm = np.where(medication == METHADONE, step, CATALOGUE.medications["buprenorphine"].days_per_visit)
        weekly = np.where(care & (medication != NONE), 7 / supply, 0)
        x += np.outer(logs(CATALOGUE.mediators["visit_burden"].effects), np.ones(n)) * (weekly * who.burden)

        # Visits (7.4): one draw a day and person.
        u, came, reviewed = rng.random(n), np.zeros(n, bool), day > 0 and day % REVIEW_EVERY == 0
        first = np.zeros(n, bool)
        for s, service in enumerate(told):
            if reviewed and s > 1:
                new = care & ~plan[s] & ~given_up[s] & (rng.random(n) < service.uptake.value)
                plan[s] |= new
                due[s, new] = day
            asked = care & plan[s] & (due[s] <= day)
            here = asked & (u < chance(logit(service.attendance.value) + x[ATTENDANCE]))
            away = asked & ~here
            came |= here
            booked[s] += asked
            kept[s] += here
            dose[s] += here * (1 - dose[s]) * builds[s]
            own[MISSED] = np.where(asked, left(3) * own[MISSED] + (1 - left(3)) * away, own[MISSED])
            if s > 1:
                own[ALLIANCE] += number("alliance_per_session_kept") * here - number("alliance_per_session_missed") * away
                due[s] = np.where(here, day + RHYTHM[SERVICES[s]], np.where(away, day + min(7, RHYTHM[SERVICES[s]]), due[s]))
                quits = here & (rng.random(n) < service.quits.value)
                plan[s] &= ~quits
                given_up[s] |= quits
            else:
                days_given = np.floor(rhythm) + (rng.random(n) < rhythm % 1)
                due[s] = np.where(here, day + days_given, np.where(away, day + 1, due[s]))
                supplied[here], supply[here] = (day + days_given)[here], rhythm[here]
                first |= here & (begun < 0)

        # Medication (7.5).
        begun[first] = day
        rows["first_dose_day"][first] = day
        fails = first & (rng.random(n) > succeeds)
        medication[fails] = NONE
        plan[:2, fails] = False
        regular &= ~(first & ~fails & (rng.random(n) < settles[medication]))
        on = care & (medication != NONE) & (begun >= 0)
        taken = on & (supplied > day) & (rng.random(n) < adherence[medication])
        since = np.where(begun >= 0, day - begun, 0)
        settling = 1 - (1 - number("first_dose_effect")) * np.exp(-number("titration_pace") * since / np.maximum(1, induction_days[medication]))
        cover = np.where(taken, np.where(since < induction_days[medication], settling, 1.0), cover * left(number("blockade_half_life_days")))
        cover = np.where(status == TRANSFERRED, 1.0 * (medication != NONE), cover)
        medicated = cover > number("medicated_from")
        missed_doses = np.where(taken, 0, missed_doses + (care & (medication != NONE)))
        last_contact[came | taken] = day

        # Use (7.8).
        rate = np.exp(np.where(regular, x[ENDS] + cover * effect[medication, ENDS], x[BEGINS] + cover * effect[medication, BEGINS]))
        regular ^= alive & ~jailed & (rng.random(n) < 1 - np.exp(-rate))
        log_odds = np.where(regular, x[USE] + cover * effect[medication, USE], x[USE] + OCCASIONAL)
        used = alive & ~jailed & (rng.random(n) < chance(log_odds))
        last_use[used] = day

        # Drift (7.7), crises (7.16), the weekly urine (7.10).
        tolerance = np.where(used | medicated, tolerance + (1 - tolerance) * (1 - left(number("tolerance_gain_days"))), tolerance * left(number("tolerance_half_life_days")))
        own = start + stays * (own - start)
        own[RECENT] += (1 - stays[RECENT]) * used
        own[CRAVING] += number("craving_shock_sd") * rng.normal(size=n)
        own[len(MEDIATORS):] += use_raises * used
        symptoms = own[len(MEDIATORS):] + help_[len(MEDIATORS):]
        crisis = (rng.random((len(DIAGNOSES), n)) < 1 - np.exp(-crises_per_day * number("crisis_symptoms") ** symptoms)) & alive & ~jailed
        rows["crises"] += crisis.sum(axis=0)
        own[CRAVING] += number("crisis_craving") * crisis.sum(axis=0)
        own[ALLIANCE] -= number("crisis_alliance") * crisis.sum(axis=0)
        if day % 7 == 0 and day > 0:
            positive = day - last_use < number("urine_window_days")
            rows["urines"] += care
            rows["urines_positive"] += care & positive
            clean = np.where(care, np.where(positive, 0, clean + 1), clean)
        if day % 7 == 0:
            rows["mondays"] += alive
            rows["symptoms"] += alive * (symptoms * who.has).sum(axis=0) / np.maximum(1, who.has.sum(axis=0))

        # Clocks (7.9): one race a day.
        phases = [CATALOGUE.medications[m].phases for m in MEDICATIONS]
        now = [[p for p in one if p.from_day <= day][-1] for one in phases]
        solved = np.array([p.solved for p in now])[medication]
        published = np.log(np.array([p.dropout.value for p in now]) / middle)[medication]
        just_out = ~care & ~jailed & (status != TRANSFERRED) & (day - left_day < 28)
        begins_at = np.where(medication == NONE, 0, begun)
        phase = np.select(
            [care & (begins_at >= 0) & (day - begins_at < 28), (care & (begins_at >= 0)) | (status == TRANSFERRED), just_out],
            [ratio[p][medication] for p in ("in_first_4_weeks", "in_later", "out_first_4_weeks")], ratio["out_later"][medication])  # fmt: skip
        clocks = {
            "dropout": (care, x[DROPOUT] + solved + number_log("regular_use_dropout") * regular + who.early * (day < number("early_days"))
                        + np.log(CATALOGUE.traits["low_dose"].effects["dropout"].value) * (who.low_dose & (medication != NONE))),
            "overdose": (alive & ~jailed, x[OVERDOSE] + phase + number_log("low_tolerance_overdose") * (1 - tolerance) * used),
            "other": (alive, x[OTHER] + number_log("other_death_just_out") * just_out),
            "suicide": (alive, x[SUICIDE] + number_log("suicide_just_out") * just_out),
            "jail": (alive & ~jailed, x[JAIL]),
            "completion": (care & (medication != NONE) & (day >= COMPLETES_AFTER), x[COMPLETION] + published),
            "transfer": (care, x[TRANSFER] + published),
            "behaviour": (care, np.full(n, np.log(BEHAVIOUR))),
            "release": (jailed, np.full(n, -np.log(number("jail_days")))),
        }  # fmt: skip
        times = np.array([np.where(applies, rng.exponential(size=n) / np.exp(r), np.inf) for applies, r in clocks.values()])
        rings = {name: (times.argmin(axis=0) == i) & (times.min(axis=0) < 1) for i, name in enumerate(clocks)}
        rows["overdoses"] += rings["overdose"]
        rows["overdoses_in_care"] += rings["overdose"] & care
        killed = rings["overdose"] & (rng.random(n) < chance(x[FATALITY]))
        status[rings["release"]] = OUTSIDE
        stable = (status == INDUCTION) & (((begun >= 0) & (day - begun >= induction_days[medication])) | fails)
        status[stable] = TREATMENT
        absent = care & (np.maximum(missed_doses, day - last_contact) >= MISSED_DAYS) & plan.any(axis=0)
        for cause, dies in enumerate((killed, rings["suicide"], rings["other"]), 1):
            rows["cause"][dies] = cause
        exits = ((rings["completion"], COMPLETED, 1), (rings["dropout"], DROPPED_OUT, 2), (rings["transfer"], TRANSFERRED, 5), (rings["jail"], JAILED, 6),
                 (killed | rings["suicide"] | rings["other"], DIED, 7), (rings["behaviour"], DISCHARGED, 11), (absent & ~np.any(list(rings.values()), axis=0), DISCHARGED, 3))  # fmt: skip
        for leaves, becomes, reason in exits:
            status[leaves] = becomes
            rows["exit_reason"][leaves & care] = reason
            rows["exit_day"][leaves & care] = day
            left_day[leaves & care] = day
        calendar.status[day], calendar.used[day], calendar.medicated[day], calendar.visited[day] = status, used, medicated & care, came
    rows["visits_due"], rows["visits_kept"] = booked.sum(axis=0), kept.sum(axis=0)
    return calendar


def number_log(name: str) -> float:
    """The logarithm of one of the model's own numbers."""
    return float(np.log(number(name)))
