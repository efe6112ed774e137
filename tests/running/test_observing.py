"""What is to be observed must reach other processes, or it is said how it could."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from importlib import import_module
from typing import Any

import loky
import pytest

from txsim.errors import TxsimError
from txsim.run import replicate


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No simulation: what is observed of a replication is its number."""
    monkeypatch.setattr(
        import_module("txsim.run"),
        "observed",
        lambda scenarios, observe, go_on, block: [[one.replication] for one in block],
    )


def locked() -> Any:
    """A function with something in it that no process can be sent."""
    lock = threading.Lock()
    return lambda run: lock


def inner() -> Any:
    def observe(run: Any) -> int:
        return 0

    return observe


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "observe", [lambda run: 0, inner(), locked()], ids=["lambda", "inner", "lock"]
)
def test_a_function_that_cannot_be_sent_is_one_clear_message(observe: Any) -> None:
    with ProcessPoolExecutor(1) as pool, pytest.raises(TxsimError) as told:
        replicate(["design"], 3, 1, observe, executor=pool)  # type: ignore[list-item]

    assert "cannot be sent to other processes" in str(told.value)
    assert "no lambda and none inside another function, or use workers=1" in str(told.value)
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        pickle.dumps(observe)


@pytest.mark.usefixtures("quick")
def test_the_pool_of_txsim_takes_any_function_but_not_what_no_process_can_hold() -> None:
    pool = loky.get_reusable_executor(max_workers=1)
    with pytest.raises(TxsimError, match="cannot be sent to other processes"):
        replicate(["design"], 3, 1, locked(), executor=pool)  # type: ignore[list-item]


@pytest.mark.usefixtures("quick")
def test_threads_need_not_send_anything() -> None:
    pool: Executor
    with ThreadPoolExecutor(1) as pool:
        assert replicate(["design"], 3, 1, locked(), executor=pool) == [[0, 1, 2]]  # type: ignore[list-item]
    assert replicate(["design"], 3, 1, locked(), workers=1) == [[0, 1, 2]]  # type: ignore[list-item]
