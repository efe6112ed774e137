"""The designs side by side: the figures of each, and how they differ from the first."""

import math
from collections.abc import Mapping, Sequence

from txsim.catalogue.vocabulary import SYMPTOMS
from txsim.economics import YEAR_DAYS
from txsim.formatting import money_with_range
from txsim.report.comparison_table import Cell, OutcomeRow, Wanted, blocks_of
from txsim.report.sections.money import COST_A_YEAR, COST_PER_RETAINED
from txsim.report.view import Design, View


def show(view: View) -> Mapping[str, object]:
    """Return the table of designs, in blocks where there are many."""
    return {
        "blocks": blocks_of(view, _wanted(view), lambda designs: _one_more_in_care(view, designs))
    }


def _wanted(view: View) -> Sequence[Wanted]:
    """Return the rows that belong on the page, for what these designs offer and to whom."""
    days, words = view.horizon
    thousand = f"thousand {view.currency}"
    use, door, harm, means = "Staying, and use", "Getting in", "Harm", "Staff and money"
    living = "How people live"
    offered = [
        service
        for design in view.designs
        for service in design.scenario.catalogue.services.values()
        if service.offered
    ]
    helps_to_live = any(service.houses or service.helps_find for service in offered)
    through = [channel for one in offered for channel in (*one.through, *one.raises)]
    treats_symptoms = any(channel.startswith(SYMPTOMS) for channel in through)
    home_and_work = [
        Wanted("with_a_home", "With a home or a bed", "of 100 days alive", living),
        Wanted("without_a_home", "Without any home", "of 100 days alive", living),
        Wanted("at_work", "In work or not looking for any", "of 100 days alive", living),
    ]
    symptoms = Wanted("symptoms", "Psychiatric symptoms", "sd above usual, of those ill", living)
    overdoses = Wanted("overdoses", "Overdoses", "per 100 people", harm)
    return (
        Wanted(f"retained_{days}", f"In care {words} after asking", "", use),
        Wanted(view.free_of_regular_use, f"Alive and {view.free}", "", use),
        Wanted(
            "used_again_after_stopping",
            "Used again, of those who had stopped for 30 days",
            "",
            use,
        ),
        Wanted("heavy_drinking_days", "Heavy drinking, of those who drink", "of 100 days", use),
        Wanted("share_served", "Admitted", "", door),
        Wanted("wait_to_admission", "From asking to admission", "days, mean", door),
        Wanted("median_wait_to_admission", "From asking to admission", "days, median", door),
        Wanted("wait_to_first_dose", "From asking to first dose", "days, mean", door),
        Wanted("share_left_list", "Left the waiting list", "", door),
        Wanted("share_missed_intake", "Missed the intake appointment", "", door),
        Wanted("share_went_elsewhere", "Gone to another clinic instead", "", door),
        Wanted("share_harmed_waiting", "Left, missed intake, overdosed or died", "", door),
        Wanted("share_dead_waiting", "Dead while waiting", "", door),
        *([overdoses] if view.opioids else []),
        Wanted("deaths", "Deaths", "per 100 people", harm),
        *(home_and_work if helps_to_live else []),
        *([symptoms] if treats_symptoms else []),
        Wanted("staff_time_used", "Staff time used (utilisation)", "of 100 minutes staffed", means),
        Wanted(COST_A_YEAR, "Cost a year", thousand, means),
        Wanted(COST_PER_RETAINED, "Cost per person in care at the end", thousand, means),
    )


def _one_more_in_care(view: View, designs: Sequence[Design]) -> OutcomeRow | None:
    """Return what one more person in care costs, where a design clearly keeps more."""
    asked = view.level(view.first, "people_asked")
    if asked is None or not view.paired:
        return None
    years = view.first.scenario.horizon.days / YEAR_DAYS
    cells = [Cell("", "", "first")]
    for design in designs[1:]:
        kept = view.change(design, view.retained)
        cost = view.change(design, COST_A_YEAR)
        if kept is None or cost is None:
            cells.append(Cell("", "", "none"))
        elif not kept.clear:
            cells.append(Cell("", "cannot tell yet", "unclear"))
        elif kept.mean < 0:
            cells.append(Cell("", "keeps fewer", "clear"))
        elif not cost.clear and not cost.same:
            cells.append(Cell("", "cannot tell yet", "unclear"))
        elif cost.mean <= 0:
            cells.append(Cell("", "costs no more", "clear"))
        else:
            amount = cost.mean * years / (asked.mean * kept.mean)
            figure, _ = money_with_range(amount, math.nan, math.nan)
            cells.append(Cell(f"about {figure}", "", "clear"))
    if all(cell.state != "clear" for cell in cells):
        return None
    return OutcomeRow("Cost of one more person in care", f"thousand {view.currency}", cells)
