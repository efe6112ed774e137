"""The tables of a scenario file: what a planner can say, in which unit, and what holds otherwise.

Every field has a default, so a file states only what it changes. Keys carry their unit in the
name. What a table may not say on its own account is refused here; what must agree between
tables, or with the catalogue, is checked in `cross_checks`.
"""

from datetime import time
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from txsim.catalogue import TakeHomeStep
from txsim.catalogue.limits import (
    LIMITS,
    LONGEST_HORIZON,
    LONGEST_TEXT,
    MOST_ASKING,
    MOST_DAYS,
    MOST_KILOMETRES,
    MOST_MINUTES,
    MOST_MONEY,
    MOST_PEOPLE,
    MOST_POSTS,
    MOST_PRICES,
    MOST_WEEKS,
    RATIOS,
    Few,
    Name,
)
from txsim.catalogue.plain import Plain
from txsim.wording import Locale

DIFFERENCES = LIMITS["standardised mean difference"]

Share = Annotated[float, Field(strict=True, ge=0, le=1)]
People = Annotated[float, Field(strict=True, ge=0, le=MOST_PEOPLE)]
Minutes = Annotated[float, Field(strict=True, ge=0, le=MOST_MINUTES)]
Kilometres = Annotated[float, Field(strict=True, ge=0, le=MOST_KILOMETRES)]
Money = Annotated[float, Field(strict=True, ge=0, le=MOST_MONEY)]
YearlyRate = Annotated[float, Field(strict=True, ge=0, le=LIMITS["per year"][1])]
Ratio = Annotated[float, Field(strict=True, ge=RATIOS[0], le=RATIOS[1])]
Difference = Annotated[float, Field(strict=True, ge=DIFFERENCES[0], le=DIFFERENCES[1])]
Figure = Annotated[float, Field(strict=True, ge=DIFFERENCES[0], le=RATIOS[1])]
Clock = Annotated[time, Field(strict=True)]
Days = Annotated[int, Field(strict=True, ge=0, le=MOST_DAYS)]
Weeks = Annotated[int, Field(strict=True, ge=0, le=MOST_WEEKS)]
Switch = Annotated[bool, Field(strict=True)]
Words = Annotated[str, Field(strict=True, max_length=LONGEST_TEXT)]
NINE, FIVE = 9 * 60.0, 17 * 60.0
"""Usual working hours, in minutes since midnight."""
MOST_SITES = 1000
"""Sites of a trial."""
MINUTES_OF_A_DAY = 24 * 60.0
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _words_or_table(value: object) -> str:
    return "words" if isinstance(value, str) else "table"


def _minutes_since_midnight(clock: time) -> float:
    return 60.0 * clock.hour + clock.minute + clock.second / 60.0


class Section(Plain):
    """What all tables share: no unknown keys, no infinities, unchangeable once read."""

    model_config = ConfigDict(allow_inf_nan=False)


class Horizon(Section):
    """How long is simulated, and how the clinic looks on the first day."""

    days: Annotated[int, Field(strict=True, ge=1, le=LONGEST_HORIZON)] = 365
    """Days during which people who ask for treatment are counted; for a cohort, days followed."""
    follow_up_days: Annotated[int, Field(strict=True, ge=1, le=LONGEST_HORIZON)] = 365
    """Days each counted person is followed from the day of asking (open clinic only)."""
    start: Literal["shared", "own steady state", "empty"] = "shared"
    """Day 0: every design branches from one snapshot taken after a burn-in under the first design
    ("shared"), each design runs its own burn-in ("own steady state"), or nobody is there yet."""
    burn_in_days: Annotated[int, Field(strict=True, ge=0, le=LONGEST_HORIZON)] = 90
    """Days simulated before day 0 to settle the caseload; not counted."""


class Distance(Section):
    """How far people live from the clinic, one way."""

    median: Kilometres
    """Half of the people live nearer than this, km."""
    p90: Kilometres
    """Nine people in ten live nearer than this, km."""


class Population(Section):
    """Who asks for treatment: a named mix, or the clinic's own people from a roster file."""

    mix: Words | None = "outpatient opioid programme"
    """A mix of the catalogue (`txsim catalogue mixes`). Not together with `roster`."""
    roster: Words | None = None
    """A CSV file beside the scenario (`txsim roster --template`). Not together with `mix`."""
    people: Words = ""
    """A name for the people, where they are others than those of a design with another name or
    none, as the arms of a trial are: alike on average, and not the same."""
    shares: Annotated[dict[Name, Share], Few] = Field(default_factory=dict)
    """Share of people with a trait, diagnosis or barrier, in place of the mix's figure."""
    distance_km: Distance | None = None
    """Distance to the clinic in place of the mix's figure."""

    @model_validator(mode="before")
    @classmethod
    def _a_roster_replaces_the_mix(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("roster") is not None and "mix" not in data:
            return {**data, "mix": None}
        return data


class Arrivals(Section):
    """How people come: week by week to an open clinic, or all on day 0 as in a trial."""

    per_week: Annotated[float, Field(strict=True, ge=0, le=MOST_ASKING)] = 9.0
    """People asking for treatment for the first time a week, on average; those who left care, or
    gave up waiting, ask again besides."""
    streams: Annotated[dict[Name, Share], Few] = Field(
        default_factory=lambda: {
            "self": 0.5,
            "court": 0.2,
            "emergency_department": 0.2,
            "jail_release": 0.1,
        }
    )
    """Share of the people asking who come by each way; the shares sum to 1."""
    cohort: Annotated[int, Field(strict=True, ge=1, le=MOST_PEOPLE)] | None = None
    """A closed cohort of this many people on day 0 instead; `per_week` is then not used."""
    enrolled: bool = False
    """Whether everybody of the cohort is in care from day 0 on, as people randomised in a trial
    are: nobody waits, and nobody has an intake to come to."""
    abstinent_days: Days = 0
    """Days for which everybody of the cohort has used no opioids when they come: tolerance is lost,
    most are out of regular use, and after withdrawal an antagonist can be begun."""
    inpatient_days: Days = 0
    """Days from admission for which everybody of an enrolled cohort lives on an inpatient unit:
    visits are kept, few leave, and there is little to use. Each day has its price."""


class Hours(Section):
    """When the clinic is open: nobody works or is seen outside these hours.

    Staffed hours before nine and after five relieve people whose work or child care binds them;
    hours closed between nine and five burden them.
    """

    opens: Clock = time(5, 30)
    """Opening time."""
    closes: Clock = time(17, 30)
    """Closing time, on the next day where it is not after opening; "24:00" is midnight."""

    @field_validator("closes", mode="wrap")
    @classmethod
    def _may_be_the_end_of_the_day(
        cls, value: Any, as_time: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        if value == "24:00":
            return time(0)
        # What travelled between processes as JSON is text here.
        return as_time(time.fromisoformat(value) if info.mode == "json" else value)

    @property
    def minutes(self) -> float:
        """Minutes from opening to closing, at most those of a whole day."""
        opens, closes = _minutes_since_midnight(self.opens), _minutes_since_midnight(self.closes)
        return closes - opens if closes > opens else closes - opens + MINUTES_OF_A_DAY

    @property
    def minutes_in_working_hours(self) -> float:
        """Of these, minutes between nine and five."""
        opens = _minutes_since_midnight(self.opens)
        closes = opens + self.minutes
        return sum(
            max(0.0, min(closes, FIVE + day) - max(opens, NINE + day))
            for day in (0.0, MINUTES_OF_A_DAY)
        )


class WaitingList(Section):
    """How people are admitted when all treatment slots are taken."""

    order: Literal["first come", "last come"] = "first come"
    """Who is offered the next treatment slot among people of equal priority."""
    priority: tuple[Literal["pregnant", "recent overdose", "jail release"], ...] = ()
    """Who goes before everyone else."""
    interim_dosing: Switch = False
    """Whether people who wait are given medication without the rest of the programme."""
    same_day_start: Share = 0.0
    """Share of the people offered a place whose intake is held on the day of the offer."""
    promised_after_days: Days = 0
    """After so many days of waiting, with doses or without, the intake is held whether a treatment
    slot is free or not, on the first open day; 0 means that nothing is promised."""


class Fees(Section):
    """What patients pay out of pocket; paying drives some of them away."""

    per_day: Money = 0.0
    """Fee for a day in care."""
    currency: Words = "USD"
    """Currency of the fee, as it is named in reports."""


class ClinicSection(Section):
    """The clinic: its treatment slots, hours, waiting list and fees."""

    kind: Words = "opioid treatment programme"
    """What sort of clinic this is, in words for the report; it changes nothing else."""
    places: Annotated[int, Field(strict=True, ge=0, le=MOST_PEOPLE)] = 320
    """Treatment slots: how many people may be in care at one time."""
    caseload_at_start: Share = 0.95
    """Share of the treatment slots taken on day 0."""
    open_days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat")
    """Days on which the clinic is open."""
    hours: Hours = Hours()
    """Opening hours on those days."""
    waiting_list: WaitingList = WaitingList()
    """How the waiting list is run."""
    capacity: Literal["hard", "elastic"] = "hard"
    """When minutes run short: sessions that do not fit wait ("hard"), or all are shortened and
    lose effect ("elastic")."""
    caseload_limit: Literal["kept", "exceeded"] = "kept"
    """When every primary counsellor has as many patients as their `caseload` allows: people
    admitted have none until one has room ("kept"), or the least loaded takes them all the same
    ("exceeded")."""
    overbooking_share: Annotated[float, Field(strict=True, ge=0, le=0.5)] = 0.0
    """How much more is booked than fits, in view of those who do not come; whoever comes when the
    time is up is sent home."""
    overtime_share: Annotated[float, Field(strict=True, ge=0, le=0.5)] = 0.0
    """Most overtime of a role on a day on which it is asked for more than it has time for, as a
    share of the minutes staffed."""
    vacant_posts: Literal["saved", "paid"] = "saved"
    """Whether the wage of a post is saved while nobody fills it, or paid all the same (to agencies,
    or back to whoever funds it)."""
    when_dosing_runs_short: Literal["overtime", "agency", "close intake"] = "overtime"
    """Doses under observation never wait for staff. When there is no time left for them, or on
    closed days for which they may not be taken home, those at work stay longer, while the house is
    open, and an agency does the rest ("overtime"), or an agency does all ("agency"); "close intake"
    is overtime, and no places are offered while there are more such doses than time for them."""
    fees: Fees = Fees()
    """What patients pay."""
    sites: Annotated[int, Field(strict=True, ge=1, le=MOST_SITES)] = 1
    """Sites among which the people of a cohort are spread at random. Each keeps people more or less
    well, as clinics do, in place of the one clinic."""
    care: Literal["routine", "trial"] = "routine"
    """Whether people leave as in routine care, or as in trials of their medication, which choose
    people, pay for visits and call those who stay away."""

    @field_validator("open_days")
    @classmethod
    def _each_day_once(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(days)) < len(days):
            raise ValueError("a day is named twice")
        return days


class Post(Section):
    """The posts of one role; what is left out comes from the catalogue's entry for the role."""

    posts: Annotated[float, Field(strict=True, ge=0, le=MOST_POSTS)] = 0.0
    """Full-time posts (FTE); half a post is 0.5."""
    caseload: People | None = None
    """Patients one whole post may carry; 0 means no limit."""
    minutes_per_week: Minutes | None = None
    """Working minutes a week of a whole post."""
    direct_care_share: Share | None = None
    """Share of the working minutes for patients, their notes and supervision."""
    supervision_minutes_per_week: Minutes | None = None
    """Minutes a week that a whole post is supervised, out of that share."""
    notes_minutes_per_session: Minutes | None = None
    """Minutes of notes that each session or group takes on top of its own, out of that share."""
    turnover_per_year: YearlyRate | None = None
    """Departures a year per post filled, with the supervision that is usual for the role."""
    hiring_lag_days: Annotated[float, Field(strict=True, ge=0, le=MOST_DAYS)] | None = None
    """Days a post stays empty after a departure."""
    leave_weeks_per_year: Annotated[float, Field(strict=True, ge=0, le=52)] | None = None
    """Whole weeks off that each worker takes in a year."""
    wage_per_year: Money | None = None
    """Yearly wage of a whole post, before fringe."""


class Taper(Section):
    """A planned end of medication for everyone, as in a detoxification or a time-limited trial."""

    from_day: Days = 0
    """Day in care on which the dose begins to fall."""
    days: Days = 0
    """Days until the dose has reached nothing; 0 means that there is no taper."""


class MedicationSection(Section):
    """Which medication people are put on, and how often they must come for it."""

    assign: Annotated[
        Annotated[dict[Name, Share], Few, Tag("table")]
        | Annotated[Literal["by preference"], Tag("words")],
        Discriminator(_words_or_table),
    ] = Field(default_factory=lambda: {"methadone": 0.65, "buprenorphine": 0.35})
    """Shares by medication, one medication for all, or "by preference". Among the medications for
    one substance the shares sum to 1 and hold for the people whose substance it is."""
    switch_after_positive_urines: Days = 0
    """At a review, after so many positive weekly urines in a row, change to the medication the
    person wishes, or else to the other one most given; 0 means never."""
    kept_in_jail: Share = 0.0
    """Share of the people on medication who go on with it in jail."""
    dose: Annotated[float, Field(strict=True, ge=0.25, le=2.0)] = 1.0
    """The steady dose of methadone and buprenorphine, as a share of the usual one."""
    taper: Taper = Taper()
    """Whether and when the medication is tapered off."""
    take_home: Annotated[
        Annotated[tuple[TakeHomeStep, ...], Few, Tag("table")] | Annotated[Words, Tag("words")],
        Discriminator(_words_or_table),
    ] = "rules before 2024"
    """A rule set of the catalogue (`txsim catalogue take_home`), or own steps."""

    @field_validator("assign", mode="before")
    @classmethod
    def _one_for_all(cls, value: Any) -> Any:
        return {value: 1.0} if isinstance(value, str) and value != "by preference" else value


class Plan(Section):
    """How it is decided who is offered which service."""

    policy: Literal["generic", "matched", "stepped"] = "generic"
    """The same bundle for all, services by assessed need, or reviewed and stepped up or down."""
    review_every_days: Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS)] = 30
    """Days between reviews of a plan, under every policy: what was not taken up is offered again, a
    primary counsellor found, and under the stepped policy the step moved."""


class Rules(Section):
    """When the clinic itself ends care, and when it takes people back."""

    preset: Literal["strict", "before 2024", "since 2024", "low threshold"] | None = None
    """A named set of rules, take-home doses among them; what a file says besides goes before."""
    discharge_after_missed_days: Days = 30
    """Discharge after so many days without a dose or without contact; 0 means never."""
    positive_urines_in_a_row: Days = 0
    """Discharge after so many positive urines in a row; 0 means never."""
    lose_take_home_after_positive_urines: Days = 0
    """After so many positive weekly urines in a row no take-home doses are given, until four
    negative ones running; 0 means that only the steps of the take-home rules decide."""
    missed_sessions_in_a_row: Days = 0
    """Discharge after so many booked sessions missed one after the other, dosing aside; 0 means
    never. This makes counselling mandatory."""
    put_out_for_behaviour_per_year: YearlyRate = 0.0
    """Discharges for behaviour a year for each person in care."""
    reinduction_after_missed_days: Days = 0
    """After so many days running without a dose, the next one is a new induction; 0 means never."""
    telehealth_share: Share = 0.0
    """Share of the visits for a week's supply or more that are held by telephone: they burden
    nobody with the way."""
    readmission_gap_days: Days = 0
    """Days after leaving before someone may be put on the waiting list again."""


class Mechanisms(Section):
    """Parts of the model; switch one off to see how much of a result rests on it."""

    turnover: Switch = True
    """Staff leave their jobs, and posts stay vacant."""
    overload: Switch = True
    """Staff who are asked for more than they have time for leave sooner."""
    relationships: Switch = True
    """Whether people stay depends on the bond with their primary counsellor, and on losing it."""
    ties: Switch = True
    """People who sit in the same groups get to know each other, and use or recovery travels."""
    cohesion: Switch = True
    """People keep to a group the more, the better they know those in it (needs ties)."""
    fading_readiness: Switch = True
    """Readiness fades faster while people wait."""
    past_patients: Switch = True
    """People who left care or the waiting list before the opening ask again, and some wait then."""
    going_elsewhere: Switch = True
    """Some of those who stop waiting begin treatment in another clinic."""
    visit_burden: Switch = True
    """Required visits are themselves a burden for people with barriers."""
    titration: Switch = True
    """A medication has its full effect only when its dose has been found, at the end of
    induction."""
    lost_tolerance: Switch = True
    """Use after tolerance is lost is more dangerous."""
    crises: Switch = True
    """People with some diagnoses have crises, which raise craving and strain the bond."""
    second_substance: Switch = True
    """What people use beside the first substance is used on some days, and harms on those."""
    changing_homes: Switch = True
    """People lose and find homes; use costs homes, and a home lost stands in the way of care."""
    changing_work: Switch = True
    """People lose and find work; use costs work, and work pays, and takes time."""
    symptoms_from_use: Switch = True
    """Use raises the symptoms of a psychiatric diagnosis."""
    supervision: Switch = True
    """Staff who are supervised more leave less often."""
    learning: Switch = True
    """New staff have fewer minutes for patients until they have learnt the job."""
    leave: Switch = True
    """Staff take weeks of leave."""
    tenure: Switch = True
    """Staff are likelier to leave in their first year in a post."""


class LocalEffect(Section):
    """A planner's own figure for what a service does; exactly one ratio or difference."""

    hazard_ratio: Ratio | None = None
    """Ratio of hazards, with the service over without."""
    rate_ratio: Ratio | None = None
    """Ratio of rates."""
    risk_ratio: Ratio | None = None
    """Ratio of risks."""
    odds_ratio: Ratio | None = None
    """Ratio of odds."""
    standardised_mean_difference: Difference | None = None
    """Difference of means in standard deviations."""
    range: tuple[Figure, Figure] | None = None
    """95 % limits of the figure; left out, it is held fixed."""
    source: Words = "local assumption"
    """Where the figure comes from."""

    FIGURES: ClassVar[tuple[str, ...]] = (
        "hazard_ratio",
        "rate_ratio",
        "risk_ratio",
        "odds_ratio",
        "standardised_mean_difference",
    )

    def figures(self) -> dict[str, float]:
        """The figures that are given, by name."""
        found = {name: getattr(self, name) for name in self.FIGURES}
        return {name: value for name, value in found.items() if value is not None}


class Effects(Section):
    """Which evidence counts, and the planner's own figures."""

    grades: Literal["A", "AB", "ABC", "ABCD"] = "ABCD"
    """Effects of weaker grade are left out (set to no effect): "AB" keeps the strong evidence."""
    override: Annotated[dict[Name, Annotated[dict[Name, LocalEffect], Few]], Few] = Field(
        default_factory=dict
    )
    """Own effects: `[effects.override.SERVICE.HAZARD]`."""


class Economics(Section):
    """Prices that differ from the shipped price table."""

    prices: Annotated[dict[Words, Money], Field(max_length=MOST_PRICES)] = Field(
        default_factory=dict
    )
    """Price by its path in the catalogue, such as `"costs.overdose_event"`."""
    currency: Words = "USD"
    """Currency of all money figures."""

    @field_validator("prices", mode="before")
    @classmethod
    def _paths_may_be_tables(cls, value: Any) -> Any:
        return flattened(value) if isinstance(value, dict) else value


class Decision(Section):
    """What is to be decided by. It is read from the first design, and changes no run."""

    margins: Annotated[
        dict[Name, Annotated[float, Field(strict=True, ge=0, le=MOST_MONEY)]], Few
    ] = Field(default_factory=dict)
    """How large a difference must be to matter, by the name of an outcome, in its unit; else 2 of
    100 for shares, 10 % or 2 days for waits, 5 % or one unit for other amounts."""


class Report(Section):
    """How the report is written. It is read from the first design, and changes no result."""

    locale: Locale = "en-GB"
    """Spelling, distances and clock of the report, of stories and of what the commands print:
    British with kilometres, or "en-US" with miles. `--locale` goes before."""


class Change(Section):
    """When this design begins to differ from the first one it is compared with.

    Run alone, or named first, it begins to differ from the design that it extends.
    """

    from_week: Weeks = 0
    """Weeks after day 0 at which the change begins."""
    ramp_weeks: Weeks = 0
    """Weeks over which new posts are filled and new services reach everybody."""

    @property
    def is_later(self) -> bool:
        """Whether there is a time before the change, or a time in which it grows."""
        return self.from_week > 0 or self.ramp_weeks > 0

    @property
    def from_day(self) -> int:
        """The day on which the change begins."""
        return 7 * self.from_week


def flattened(table: dict[str, Any]) -> dict[str, Any]:
    """A table of tables as one table whose keys are dotted paths; a figure's own table is none."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict) and value and "value" not in value:
            flat.update({f"{key}.{rest}": leaf for rest, leaf in flattened(value).items()})
        else:
            flat[key] = value
    return flat
