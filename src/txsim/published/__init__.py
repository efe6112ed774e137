"""Published figures beside which those of a run are shown. Nothing is fitted to them here."""

from txsim.published.benchmarks import Benchmark, load_benchmarks
from txsim.published.beside import Beside, beside, left_out

__all__ = ["Benchmark", "Beside", "beside", "left_out", "load_benchmarks"]
