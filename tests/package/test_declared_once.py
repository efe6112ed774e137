"""An array, a trait and a parameter are each declared in one place, and everything follows.

A made-up mechanism (vouchers earned on days in care) is put into a copy of the package, which then
runs uncompiled. How many places had to change is counted: one line each, and the rule itself.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).parents[2]
PACKAGE = HERE / "src" / "txsim"

NUMBER = (
    'voucher_worth = { value = 0.25, unit = "proportion", sd = 0.4, grade = "D", '
    'source = "assumption" }'
)
RULE = '''"""Vouchers, earned by each day in care and kept for the first service."""

from typing import Any

from txsim.compiled.functions import rule
from txsim.state.layout import ClinicState


@rule
def earn_voucher(state: ClinicState, i: int) -> None:
    """A voucher for the day, and its worth."""
    state.patients[i].vouchers += 1
    state.purse[i, 0] += state.scalars[0].voucher_worth
'''
LINES = {
    "catalogue/model.toml": ("# Asking, waiting, starting\n", f"{NUMBER}\n"),
    "state/scalars.py": ("    # crises\n", "    voucher_worth: F8 = number()\n"),
    "state/patient.py": (
        "    model: Clinic\n\n",
        '    vouchers = Trait("i4", 0, "Vouchers earned.", counted_from_day_0=True)\n',
    ),
    "state/layout.py": (
        '    staff: Rows[StaffRow] = given()\n    """STAFF, one row a post."""\n',
        '    purse: Array = blank("f8", "person", "service", carried=True)\n',
    ),
    "rules/day.py": (
        "    have_crises(state, i, key, day)\n",
        "    if in_care(patient.status):\n        earn_voucher(state, i)\n",
    ),
}
"""By file: the line after which something is put, and what."""

LIVED = """
import json
import numpy as np
from txsim.clinic.lineage import Lineage
from txsim.clinic.snapshot import Snapshot
from txsim.parameters.draw import CENTRE, PRIOR, Luck
from txsim.compare.drawn import drawn_parameters
from txsim.scenario import load
from txsim.state.events import in_care

first = load("baseline").with_changes(
    name="first", horizon={"days": 10, "follow_up_days": 2, "burn_in_days": 4},
    clinic={"places": 8}, arrivals={"per_week": 4.0},
)
second = first.with_changes(
    name="second", change={"from_week": 1}, services={"case_management": {"offered": True}},
    staff={"case_manager": {"posts": 1.0}},
)
luck = Luck(1, 0, CENTRE)
days = []
for clinic in Lineage([first, second], luck).days():
    patients, purse = clinic.state.patients, clinic.state.purse
    days.append([clinic.design.name, int(patients["vouchers"].max()), float(purse.sum())])
blank = np.zeros_like(purse)
print(json.dumps({
    "days": days,
    "services": [len(clinic.service_names), purse.shape[1]],
    "agent": clinic.patients[0].vouchers == int(patients["vouchers"][0]),
    "copied": float(Snapshot.of(clinic).state.purse.sum()),
    "drawn": drawn_parameters([first], PRIOR, 1, [0, 1])["model.voucher_worth"].tolist(),
}))
"""


def test_one_line_each_in_a_copy_of_the_package(tmp_path: Path) -> None:
    copy = tmp_path / "src" / "txsim"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copytree(HERE / "scenarios", tmp_path / "scenarios")
    for name, (after, line) in LINES.items():
        text = (copy / name).read_text(encoding="utf-8")
        assert text.count(after) == 1, name
        (copy / name).write_text(text.replace(after, after + line), encoding="utf-8")
    day = copy / "rules" / "day.py"
    imports = "from txsim.rules.vouchers import earn_voucher\n"
    first = "from txsim.rules.waiting import "
    text = day.read_text(encoding="utf-8")
    assert text.count(first) == 1
    day.write_text(text.replace(first, imports + first), encoding="utf-8")
    (copy / "rules" / "vouchers.py").write_text(RULE, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", LIVED],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src"), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    names, most, worth = zip(*told["days"], strict=True)
    assert names[:7] == ("first",) * 7
    assert names[7:] == ("second",) * 6
    assert list(most)[1:] == list(range(1, 13)), "counted from day 0, whatever was before"
    assert worth[0] > 0.0, "the array is no tally: what was before day 0 is kept"
    assert all(later > sooner for sooner, later in pairwise(worth))
    assert told["services"][0] == told["services"][1] > 0
    assert told["agent"]
    assert told["copied"] == worth[-1]
    assert len(set(told["drawn"])) == 2
