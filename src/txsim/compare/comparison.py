"""The result of comparing designs: tables, a picture, plain words, files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from txsim.catalogue.in_words import OF_THE_CLINIC
from txsim.compare import clinic_tables, single_years, tables
from txsim.compare.drawn import drawn_parameters
from txsim.compare.gathered import Gathered
from txsim.compare.naming import labels
from txsim.compare.notes import what_to_know
from txsim.compare.stacked import stacked
from txsim.compare.summary import headlines
from txsim.compare.variance import variance_table
from txsim.compare.who_asks import Asking
from txsim.outcomes.families.retention import DEFINITIONS as RETENTION_DEFINITIONS
from txsim.outcomes.measure import Measured
from txsim.outcomes.outcome import Array
from txsim.outcomes.registry import RELAPSE, RELAPSE_CURVES, RELAPSE_STEMS, RETENTION
from txsim.outcomes.subgroups import EVERYONE
from txsim.parameters.draw import PRIOR, DrawSource

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from txsim.compare.grade_share import GradeShare
    from txsim.scenario import Scenario
    from txsim.workers import Failure

DRIVERS = (
    "days_waiting",
    "share_served",
    "days_with_a_visit",
    "attendance",
    "sessions_received",
    "sessions_not_fitting",
    "covered_by_medication",
    "alliances_broken",
    "busiest_role",
)
"""Outcomes through which a change in a design acts on retention and relapse."""


class Comparison:
    """Designs run on the same replications; differences are from the first design.

    Tables are pandas frames, made when first asked for. `outcomes` and `differences` hold every
    outcome for every group, `retention` and `curves` the curves by day, `roles`, `services`,
    `exits` and `costs` the rest, `variance` where the uncertainty comes from, `drawn` the numbers
    of the world in each draw, `carriers` those that go along with the answer, `failures` the
    replications that are missing. `notes` are sentences that a reader should not miss, `manifest`
    says how it was made. With one design there are no differences.

    `paired` says whether all designs are asked by the same people as the first; `other_people` has,
    for each that is not, in what they differ. Differences between other people have no verdict.
    """

    def __init__(
        self,
        designs: Sequence[Scenario],
        measured: Gathered | Sequence[Sequence[Measured]],
        draws: Array | None,
        manifest: dict[str, Any],
        notes: Sequence[str] = (),
        source: DrawSource = PRIOR,
        failures: Sequence[Failure] = (),
        without_d: Comparison | None = None,
    ) -> None:
        self.designs: list[Scenario] = list(designs)
        asking, every = Asking(designs), range(len(designs))
        differing = tuple(tuple(asking.differing(a, b) for b in every) for a in every)
        self.paired: bool = not any(differing[0])
        self.other_people: dict[str, tuple[str, ...]] = {
            design.name: differs
            for design, differs in zip(designs, differing[0], strict=True)
            if differs
        }
        self.manifest = manifest
        self.source = source
        self._failures = tuple(failures)
        self._without_d = without_d
        years = measured if isinstance(measured, Gathered) else Gathered.of(measured)
        self._study = tables.Study(
            tuple(designs),
            years,
            draws,
            stacked(designs, years),
            differing,
            designs[0].economics.currency,
        )
        self.notes: list[str] = what_to_know(self._study, self.costs, notes)

    @property
    def replications_each(self) -> int:
        """Replications of each design."""
        return self._study.replications

    @property
    def draws(self) -> int:
        """Parameter draws, of the world and of the clinic; 0 when none was made."""
        return 0 if self._study.draws is None else len(set(self._study.draws.tolist()))

    @property
    def withheld(self) -> tuple[str, ...]:
        """Groups that are not shown because they are too small."""
        return self._study.stacked.withheld

    @cached_property
    def outcomes(self) -> DataFrame:
        """Every outcome by design and group: mean, 90 % interval, range of single years."""
        return tables.outcomes_table(self._study)

    @cached_property
    def differences(self) -> DataFrame:
        """Every outcome's difference from the first design, with a verdict where it has one."""
        return tables.differences_table(self._study)

    @cached_property
    def replications(self) -> DataFrame:
        """Every shown value of every replication, in long form; large for many of them."""
        return single_years.replications_table(self._study)

    def replications_in_parts(self) -> Iterator[DataFrame]:
        """The table `replications` in parts, some replications of a design in each."""
        return single_years.parts(self._study)

    @cached_property
    def retention(self) -> DataFrame:
        """Retention per person who asked, by definition and day."""
        return tables.retention_table(self._study)

    @cached_property
    def curves(self) -> DataFrame:
        """All other curves: relapse, exits by reason, waiting, first dose, alive."""
        return tables.other_curves_table(self._study)

    @cached_property
    def roles(self) -> DataFrame:
        """Minutes used and staffed by role, a week."""
        return clinic_tables.roles_table(self._study)

    @cached_property
    def services(self) -> DataFrame:
        """Sessions due, booked, kept, missed and not fitting by service, a year."""
        return clinic_tables.services_table(self._study)

    @cached_property
    def exits(self) -> DataFrame:
        """First exits from care by reason."""
        return clinic_tables.exits_table(self._study)

    @cached_property
    def costs(self) -> DataFrame:
        """A year's cost by design: staff, medication, services."""
        return clinic_tables.costs_table(self._study)

    @cached_property
    def drawn(self) -> DataFrame:
        """The numbers of the world by draw: a column for each that is drawn, by its path.

        A file of it can be given as `draws` to run the same again. Without uncertainty it is empty.
        """
        draws = [] if self._study.draws is None else sorted(set(self._study.draws.tolist()))
        return drawn_parameters(self.designs, self.source, int(self.manifest["seed"]), draws)

    @cached_property
    def variance(self) -> DataFrame:
        """How much of what is uncertain in the headlines is chance, parameters and the clinic.

        Of their differences too. Empty without draws, or with too few of them.
        """
        if self._study.draws is None:
            return variance_table(self._study, (), None)
        seed = int(self.manifest["seed"])
        numbers, whose = np.unique(self._study.draws, return_inverse=True)
        draws = [self.source.draw(seed, int(one)) for one in numbers]
        deviates = [[draw.deviate(path) for path in OF_THE_CLINIC] for draw in draws]
        shown = tuple(one.outcome for one in headlines(self))
        return variance_table(self._study, shown, np.array(deviates)[whose])

    @cached_property
    def carriers(self) -> DataFrame:
        """The numbers that go along most with the headline figures from draw to draw."""
        from txsim.compare.carriers import carriers
        from txsim.compare.summary import headline_outcomes

        return carriers(self, self._study, headline_outcomes(self))

    @cached_property
    def on_grade_d(self) -> list[GradeShare]:
        """How much of each headline difference rests on effects of grade D, where it was asked."""
        from txsim.compare.grade_share import grade_shares
        from txsim.compare.summary import headline_outcomes

        if self._without_d is None:
            return []
        return grade_shares(self._study, self._without_d._study, headline_outcomes(self))

    @property
    def grade_share(self) -> DataFrame:
        """What is in `on_grade_d`, as a table."""
        from pandas import DataFrame

        return DataFrame([asdict(one) for one in self.on_grade_d])

    @cached_property
    def failures(self) -> DataFrame:
        """Replications that could not be run and stand in no other table, with the reason."""
        from pandas import DataFrame

        rows = [asdict(one) for one in sorted(self._failures, key=lambda one: one.replication)]
        return DataFrame(rows, columns=["replication", "draw", "reason"])

    @cached_property
    def drivers(self) -> DataFrame:
        """Differences in the `DRIVERS`, in their order."""
        found = self.differences
        found = found[(found["subgroup"] == EVERYONE) & found["outcome"].isin(DRIVERS)]
        order = found["outcome"].map({name: place for place, name in enumerate(DRIVERS)})
        return found.assign(order=order).sort_values(["scenario", "order"]).drop(columns="order")

    def against(self, design: str, outcomes: Sequence[str] | None = None) -> DataFrame:
        """Differences of every other design from this one, as in `differences`.

        `outcomes` names those wanted, which is quicker than all. Raises ValueError when there is
        no design of this name.
        """
        names = [one.name for one in self.designs]
        if design not in names:
            raise ValueError(f"there is no design {design!r} (there are {', '.join(names)})")
        return tables.differences_table(self._study, names.index(design), outcomes)

    def ratio(
        self, design: str, outcome: str, over: Sequence[str], subgroup: str = EVERYONE
    ) -> tuple[float, float, float]:
        """Mean and 90 % limits of an outcome over the sum of others, of a design and group.

        Raises ValueError when there is no design of this name.
        """
        from txsim.compare.ratios import ratio

        names = [one.name for one in self.designs]
        if design not in names:
            raise ValueError(f"there is no design {design!r} (there are {', '.join(names)})")
        return ratio(self._study, names.index(design), subgroup, outcome, over)

    def retained(
        self, day: int = 365, definition: str = RETENTION[0], subgroup: str = EVERYONE
    ) -> DataFrame:
        """Rows of `outcomes` for retention on a day by a definition.

        Raises ValueError for a definition that does not exist.
        """
        found = _chosen(definition, RETENTION, "retention")
        return self._rows(f"{RETENTION_DEFINITIONS[found].stem}_{day}", subgroup)

    def relapse_free(
        self, day: int = 365, definition: str = RELAPSE[0], subgroup: str = EVERYONE
    ) -> DataFrame:
        """Rows of `outcomes` for relapse on a day by a definition, told as the share without it.

        Raises ValueError for a definition that does not exist.
        """
        _chosen(definition, RELAPSE, "relapse")
        return self._rows(f"{RELAPSE_STEMS[definition]}_{day}", subgroup)

    def retention_curve(self, definition: str = RETENTION[0]) -> DataFrame:
        """Rows of `retention` for one definition."""
        _chosen(definition, RETENTION, "retention")
        return self.retention[self.retention["definition"] == definition]

    def relapse_curve(self, definition: str = RELAPSE[0]) -> DataFrame:
        """Rows of `curves` for relapse by one definition, told as the share without it."""
        _chosen(definition, RELAPSE, "relapse")
        return self.curves[self.curves["curve"] == RELAPSE_CURVES[definition]]

    def _rows(self, outcome: str, subgroup: str) -> DataFrame:
        found = self.outcomes
        return found[(found["outcome"] == outcome) & (found["subgroup"] == subgroup)]

    def to_df(self) -> DataFrame:
        """The table of outcomes."""
        return self.outcomes

    def summary(self, locale: str | None = None) -> str:
        """Say in plain words what came out, in a locale or in that of the first design."""
        from txsim.compare.summary import summary

        return summary(self, locale)

    def plot(self, definition: str = RETENTION[0], axes: Axes | None = None) -> Axes:
        """Draw retention by days since asking, one line and band a design, and return the axes."""
        from matplotlib import pyplot

        if axes is None:
            axes = pyplot.subplots()[1]
        curve = self.retention_curve(definition)
        called = labels(self.designs)
        lines = []
        for design in self.designs:
            own = curve[curve["scenario"] == design.name]
            (line,) = axes.plot(own["day"], 100.0 * own["mean"])
            lines.append(line)
            low, high = 100.0 * own["low"], 100.0 * own["high"]
            axes.fill_between(
                own["day"], low, high, color=line.get_color(), alpha=0.15, linewidth=0
            )
        axes.set_xlabel("days since asking for treatment")
        axes.set_ylabel(f"people of 100 retained ({definition})")
        axes.set_ylim(0.0, None)
        legend = axes.legend(lines, [str(place) for place in range(len(lines))])
        for text, design in zip(legend.get_texts(), self.designs, strict=True):
            # A name is a name, whatever signs of mathematics stand in it.
            text.set_parse_math(False)
            text.set_text(called[design.name])
        return axes

    def save(self, directory: str | Path, force: bool = False) -> Path:
        """Write every table and the manifest into a directory, all or nothing, and return it.

        Raises OutputError when a file is there already and `force` is not set, and when the place
        cannot be written to.
        """
        from txsim.compare.files import save

        return save(self, Path(directory), force=force)

    def __repr__(self) -> str:
        """One line: designs, replications, and the headline where there is one."""
        names = ", ".join(design.name for design in self.designs)
        several = f"{len(self.designs)} designs" if len(self.designs) > 1 else "1 design"
        how = f"{self.replications_each} replications"
        draws = f" in {self.draws} draw{'s' if self.draws > 1 else ''}"
        how += draws if self.draws else " without uncertainty"
        return f"Comparison({several}: {names}; {how}{self._headline()})"

    def _headline(self) -> str:
        for day in (365, 180, 90, 30):
            kept = self.retained(day)
            if len(kept) == len(self.designs):
                shares = ", ".join(f"{share:.3f}" for share in kept["mean"])
                return f"; retained after {day} days {shares}"
        return ""

    def _repr_html_(self) -> str:
        from txsim.compare.summary import headline_table

        return str(headline_table(self).to_html(index=False))


def _chosen(definition: str, allowed: tuple[str, ...], kind: str) -> int:
    if definition not in allowed:
        raise ValueError(
            f"there is no definition of {kind} {definition!r} (there are: {'; '.join(allowed)})"
        )
    return allowed.index(definition)
