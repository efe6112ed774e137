"""The clinic once more, as one would write it in Mesa: an agent a person, a step a day, one person
at a time.

It shares numbers with txsim, read once into plain Python, and no code: chance comes from
`model.random`, people and staff are objects with attributes, and the rules are written out again
from their description. It is the yardstick of `measure.py` and, as a second writing of the model, a
check on the first (`agree.py`).
"""

from benchmarks.idiomatic_mesa.clinic import Clinic, simulate
from benchmarks.idiomatic_mesa.numbers import Numbers, numbers_of

__all__ = ["Clinic", "Numbers", "numbers_of", "simulate"]
