"""Writes the table of `docs/published-figures.md` from runs of shipped scenarios; a few minutes.

    python docs/published_figures.py            # print the tables
    python docs/published_figures.py --write    # write them into the page

Each table stands between two comments that name its scenario. Text around them is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from txsim.compare import Comparison, summarise
from txsim.published import beside, left_out, load_benchmarks
from txsim.published.benchmarks import sources
from txsim.scenario import load

PAGE = Path(__file__).with_name("published-figures.md")
SCENARIOS = ("baseline", "alcohol-clinic")
REPLICATIONS = 200
WORKERS = 2


def table(name: str) -> str:
    """The rows of one scenario, what lies outside with its reason, and what does not fit."""
    run = summarise(load(name), replications=REPLICATIONS, seed=1, workers=WORKERS)
    return "\n".join(_lines(name, run))


def _lines(name: str, run: Comparison) -> Iterator[str]:
    rows = beside(run, name)
    inside = sum(not row.why for row in rows)
    yield f"{inside} of {len(rows)} figures of `{name}` lie in range."
    yield ""
    yield "| about | what is counted | here (90 %) | published | | why |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        verdict = row.verdict + (", range reaches it" if row.reaches else "")
        published = row.published
        if row.kept_for_checking:
            published += f"; *for checking alone:* {row.kept_for_checking}"
        cells = (row.benchmark.topic, row.benchmark.label, row.said, published, verdict, row.why)
        yield f"| {' | '.join(cells)} |"
    reasons: dict[str, list[str]] = {}
    for label, reason in left_out(run, name):
        reasons.setdefault(reason, []).append(label[:1].lower() + label[1:])
    if reasons:
        yield ""
        yield "Left out here:"
        yield ""
        yield from (f"- {reason}: {'; '.join(labels)}" for reason, labels in reasons.items())


def publications() -> str:
    """What each row rests on, and how far it was checked."""
    lines = []
    for one in load_benchmarks():
        known = sources()
        cited = [*one.evidence, *(kept.id for kept in one.beside)]
        told = dict.fromkeys(f"{known[id_].citation} ({known[id_].verified})" for id_ in cited)
        lines.append(f"- {one.label}: {one.note} {'; '.join(told)}.")
    return "\n".join(lines)


def with_part(page: str, name: str, text: str) -> str:
    """The page with one part made anew. Raises ValueError where it has no place."""
    begins, ends = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    if begins not in page or ends not in page:
        raise ValueError(f"{PAGE.name} has no place for {name}: {begins} {ends}")
    before, after = page.split(begins)[0], page.split(ends)[1]
    return f"{before}{begins}\n\n{text}\n\n{ends}{after}"


def main() -> None:
    """Print the tables, or write the page."""
    parts = {name: table(name) for name in SCENARIOS} | {"publications": publications()}
    if "--write" not in sys.argv[1:]:
        print("\n\n".join(parts.values()))
        return
    page = PAGE.read_text(encoding="utf-8")
    for name, text in parts.items():
        page = with_part(page, name, text)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
