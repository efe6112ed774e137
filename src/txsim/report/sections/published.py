"""The first design's figures beside published ones."""

from collections.abc import Mapping

from txsim.published import beside, left_out
from txsim.report.view import View


def show(view: View) -> Mapping[str, object] | None:
    """Return the first design's figures with published ranges; nothing where none fits."""
    rows = beside(view.comparison, view.first.name)
    if not rows:
        return None
    return {
        "rows": rows,
        "outside": [row for row in rows if row.why],
        "left_out": left_out(view.comparison, view.first.name),
    }
