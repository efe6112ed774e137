"""One person's day told again in plain Python, from the pages that describe the model.

The rules read and write arrays for speed; here the same day is worked out from a copy of where the
person stood in the morning, in the words and formulas of `docs/model.md`. What others decide is
taken from the books: which of the sessions due were booked, and what money and time were left.
"""
