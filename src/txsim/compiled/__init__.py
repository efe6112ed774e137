"""Whatever reaches into numba: functions, bundles of arrays, lanes, and what is kept compiled."""
