"""Read a number as spreadsheets of any country write it, where only one reading is possible."""

import re

from txsim.scenario.roster.mistakes import Fault

PLAIN = re.compile(r"[+-]?(\d*)(?:([.,])(\d*))?", re.ASCII)
"""Digits with at most one sign between them."""

GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,'\u2019 \u00a0\u202f]\d{3})+(?:[.,]\d+)?", re.ASCII)
"""Digits in sets of three."""

DECIMAL_COMMA = re.compile(
    r'[;\t"\n] *[+-]?(?:\d*,(?:\d\d?|\d{4,})|(?:0|\d{4,})?,\d+) *(?:["\n;\t]|$)', re.ASCII
)
"""A cell, between two signs that end cells, whose comma can only be a decimal one."""

ENOUGH = 1_000_000
"""Signs of a file, those of some 10,000 people, which show how it writes decimals."""

A_NUMBER = "this must be a number in digits, without a unit"


def decimal_comma_in(text: str, separator: str) -> bool:
    """Whether numbers of a file have a decimal comma; never where commas stand between cells."""
    return separator != "," and DECIMAL_COMMA.search(text, 0, ENOUGH) is not None


class NumberReader:
    """Reads the cells of one column of numbers."""

    def __init__(
        self,
        low: float,
        high: float,
        *,
        separator: str,
        decimal_comma: bool,
        not_known: str,
    ) -> None:
        """Read numbers from `low` to `high` in a file whose cells end at `separator`.

        `not_known` says what to do with a number that is not known.
        """
        self.low, self.high = low, high
        self.not_known = not_known
        self.separator = separator
        self.decimal_comma = decimal_comma
        self.allowed = f"{low:g} to {high:g}"

    def __call__(self, cell: str) -> float | Fault:
        """The number, or what is wrong with the cell."""
        found = PLAIN.fullmatch(cell)
        whole, sign, decimals = found.groups() if found else ("", None, None)
        if not whole and not decimals:
            if GROUPED.fullmatch(cell):
                message = "write numbers without signs between thousands: 1234.5"
                return Fault(message, allowed=self.allowed)
            return Fault(f"{A_NUMBER}; {self.not_known}", allowed=self.allowed)
        if sign == "," and self.separator == ",":
            message = "write a decimal point, not a comma: 4.5"
            return Fault(message, allowed=self.allowed)
        if self._doubtful(whole, sign, decimals):
            message = (
                "this can be read in two ways, as thousands or with three decimals; write 1234, "
                "or leave out the third decimal"
            )
            return Fault(message, allowed=self.allowed)
        number = float(cell.replace(",", "."))
        if not self.low <= number <= self.high:
            return Fault(f"this number is out of range; {self.not_known}", allowed=self.allowed)
        return number

    def _doubtful(self, whole: str, sign: str | None, decimals: str | None) -> bool:
        """Whether the three digits behind the sign may be the last ones of a thousand."""
        if sign is None or len(decimals or "") != 3 or len(whole) not in (1, 2, 3):
            return False
        return whole[0] != "0" and (sign == ",") != self.decimal_comma
