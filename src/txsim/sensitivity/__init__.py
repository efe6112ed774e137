"""Which numbers of the world an answer rests on: screening, then indices on what is left."""

from txsim.sensitivity.study import How, Study, sensitivity

__all__ = ["How", "Study", "sensitivity"]
