"""Errors say where, what, and what was meant."""

import pickle

from txsim.errors import Problem, ScenarioError


def test_problem_is_one_line() -> None:
    problem = Problem(
        "a.toml", 7, "staff.nurse", "there is no such role", "'nurs'", "nurse", "nurse"
    )
    assert str(problem) == (
        "a.toml:7: staff.nurse: there is no such role "
        "(got 'nurs', allowed nurse, did you mean nurse?)"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert str(Problem(message="nothing to run")) == "nothing to run"
    assert str(Problem(file="a.toml", message="is empty")) == "a.toml: is empty"


def test_scenario_error_tells_everything_and_travels() -> None:
    error = ScenarioError([Problem(message="one"), Problem(message="two")])
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == "one\ntwo"
    assert again.problems == error.problems
    assert ScenarioError("three").problems == [Problem(message="three")]
    assert ScenarioError(Problem(message="four")).problems == [Problem(message="four")]
