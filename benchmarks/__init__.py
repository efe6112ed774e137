"""How fast txsim is, and against what: measured figures, each with the command that made it.

`python -m benchmarks --help` lists what can be measured; README.md says how it is measured and why
so.
"""
