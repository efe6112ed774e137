"""The clinic's rules: small functions about one person or one role, and the day that calls them.

`DAY` is the order of a day in words; `rules.day` runs the rules it names in exactly this order.
Each rule sees what the rules before it have left, so the order is part of the model.
"""

from __future__ import annotations

DAY: tuple[tuple[str, str], ...] = (
    # before anybody comes
    (
        "renew_budgets",
        "On the first day of a week, services get their week's money, before anything is spent.",
    ),
    (
        "pay_for_places",
        "Places of beds and other support that no budget limits are paid for, taken or not.",
    ),
    (
        "staff_day",
        "Staff leave, are hired, are off sick or on leave, and patients of somebody who left get"
        " another key worker; this comes first of all work, because it sets the minutes there are"
        " today.",
    ),
    (
        "arrive",
        "New people ask for help and join the waiting list before places are offered, so that a"
        " free place can be theirs on the same day.",
    ),
    (
        "count_demand",
        "All sessions of people in care that are due are added up by role and urgency, before the"
        " first is held, so that nobody is served for standing early in the books; who is in line,"
        " and how many places are taken, is noted in the same walk.",
    ),
    (
        "offer_places",
        "Free places are offered in the order of the list, and intake appointments booked; the"
        " places are those that were free last night.",
    ),
    (
        "reserve_intakes",
        "Minutes are kept for today's intake appointments before other sessions are booked, so that"
        " a busy clinic still admits.",
    ),
    (
        "count_demand_in_line",
        "People in line have sessions too, but for those who come to their intake today: known only"
        " now.",
    ),
    (
        "share_capacity",
        "Minutes and seats are shared out, the most urgent first; what does not fit waits, but"
        " where others stand in.",
    ),
    (
        "arrange_stand_ins",
        "Roles that may give another's services do so with the time that their own work leaves"
        " them: known only when all of it is booked.",
    ),
    (
        "offer_support_places",
        "Free beds and other limited places of support go to those who have waited longest, so that"
        " nobody gets one for standing early in the books.",
    ),
    # then, for each person
    (
        "feel_services",
        "What services did so far fades, and rides, beds and aid act; before the visits, because"
        " a ride today helps to come today.",
    ),
    (
        "weigh",
        "Everything about the person and all help is added up into one number for each thing that"
        " can happen today; every chance of the day reads these numbers.",
    ),
    (
        "hold_intake",
        "Whoever has an intake appointment comes and is admitted, or is lost to the list.",
    ),
    (
        "hold_sessions",
        "Everybody else in care or waiting keeps or misses the sessions booked today; before the"
        " dose, because the visit brings the supply.",
    ),
    (
        "take_dose",
        "The dose is taken while there is a supply, and fades otherwise; before use, on which it"
        " acts.",
    ),
    (
        "use_today",
        "The person uses or does not; before overdose, which depends on it.",
    ),
    (
        "tolerance_tomorrow",
        "Tolerance follows today's use and medication; before overdose, which reads it.",
    ),
    (
        "drift",
        "Craving, readiness, alliance and symptoms move on, use of today included; today's numbers"
        " are weighed already, so that chances feel it from tomorrow.",
    ),
    (
        "have_crises",
        "Crises come over people with some diagnoses; after the drift, on top of which they raise"
        " craving and cost alliance.",
    ),
    (
        "take_stock",
        "On Mondays home and work may change, and how people live and feel is counted; after the"
        " weighing, which says how they feel today.",
    ),
    (
        "keep_or_leave_bed",
        "A bed is left for a home of one's own, or lost by use of today.",
    ),
    (
        "take_urine",
        "Until aftercare, people with opioid use give a weekly urine, which may find recent use.",
    ),
    (
        "race",
        "Overdose, death, jail, leaving, completing, returning and giving up the wait compete; the"
        " first clock to ring before the day ends decides. After the visits, so that whoever"
        " leaves today was still seen.",
    ),
    (
        "end_of_phase",
        "Whoever is still in care goes on to the next phase when the present one is over.",
    ),
    (
        "apply_rules",
        "The clinic's own rules of discharge are applied to the day as it turned out: days missed,"
        " urines, fees.",
    ),
    (
        "review_plan",
        "Plans that are due are reviewed last, for those who stayed; a new session is due at once"
        " and can be booked from tomorrow.",
    ),
    (
        "note",
        "The day is written down for each person, when nothing can change it any more.",
    ),
    # after everybody has left
    (
        "meet",
        "Whoever sat in the same group gets to know each other: in the evening, so that nobody's"
        " place in the books decides whom they meet.",
    ),
    (
        "spread_along_ties",
        "Once a week ties fade, and everybody hears how those they know are doing; when all have"
        " lived through the day, so that all are heard of as they are tonight.",
    ),
    (
        "close_roles",
        "Minutes used and staffed, and overtime, are counted; how loaded a role was drives who"
        " leaves their job from tomorrow.",
    ),
    (
        "count_day",
        "The day gets its row of the daily table, counted from the log and the calendar, when all"
        " that can happen in it is in them.",
    ),
)
"""The rules of a day in order: the name of each in `rules.day`, and what it does and why there.

The first eleven are the clinic's morning, the last four its evening; those between are lived
through by one person after the other.
"""

__all__ = ["DAY"]
