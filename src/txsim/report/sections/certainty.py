"""Where the uncertainty comes from: chance, what is not known of effects, and the clinic."""

from collections.abc import Hashable, Mapping

from txsim.compare.summary import headlines
from txsim.formatting import capital, decimals_of, listed, plain
from txsim.report.picture import Table
from txsim.report.view import View

WORDS = (
    ("chance", "the luck of one year"),
    ("parameters", "what is not known about effects and people"),
    ("clinic", "how much this clinic's people leave and use"),
)
"""Parts of a figure's variance, in words; sentences begin with the largest."""


def show(view: View) -> Mapping[str, object] | None:
    """Return sentences on the headlines and the table behind them, or nothing to be told."""
    table = view.comparison.variance
    if not len(table):
        return None
    shown = {view.retained: "still in care", view.free_of_regular_use: view.free}
    rows = [
        row for outcome in shown for row in table[table["outcome"] == outcome].to_dict("records")
    ]
    labels = {design.name: design.label for design in view.designs}
    told = {one.outcome: one.words for one in headlines(view.comparison)}
    sentences = []
    for row in rows:
        if row["baseline"] or row["scenario"] == view.first.name:
            what = told[row["outcome"]]
            if row["baseline"]:
                what = f"the difference that {labels[row['scenario']]} makes to it"
            sentences.append(sentence(what, row))
    return {
        "sentences": sentences,
        "table": Table(
            ["Figure", "One year's spread", *(capital(words) for _, words in WORDS)],
            [
                [
                    f"{told[row['outcome']]}, {labels[row['scenario']]}"
                    f"{' (difference)' if row['baseline'] else ''}",
                    plain(100 * row["year_sd"], decimals_of(100 * row["year_sd"])),
                    *(plain(100 * row[name]) for name, _ in WORDS),
                ]
                for row in rows
            ],
        ),
    }


def sentence(what: str, row: Mapping[Hashable, float]) -> str:
    """Say of 100 parts of the uncertainty about one year how many are whose."""
    parts = sorted(((row[name], words) for name, words in WORDS), reverse=True)
    told = [(round(100 * share), words) for share, words in parts if round(100 * share) > 0]
    said = [
        f"{share}{' are' if not place else ''} {words}" for place, (share, words) in enumerate(told)
    ]
    which = f"{capital(what)}: of 100 parts of what is uncertain about one year"
    return f"{which}, {listed(said)}."
