"""However a command is ended, it takes its workers with it and says so where it can."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .processes import assert_nobody_is_left, members, semaphores, session, wait_for

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are listed as Linux lists them"
)

CHECK = """
import os, signal, sys
import txsim.scenario
from txsim.cli import main

number = getattr(signal, sys.argv[1])

def load(*_, **__):
    try:
        os.kill(os.getpid(), number)
    finally:
        os.kill(os.getpid(), number)
        raise OSError("a terminal that cannot be written to")

signal.signal(number, signal.SIG_DFL)
txsim.scenario.load = load
main(["check", "baseline"])
"""


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("SIGTERM", 143, "Ended by SIGTERM"),
        ("SIGHUP", 129, "Ended by SIGHUP"),
        ("SIGINT", 130, "Interrupted"),
    ],
)
def test_a_command_that_is_told_to_end_says_so(
    tmp_path: Path, name: str, code: int, said: str
) -> None:
    """Told twice, and with a fault on the way out."""
    process = session(["-c", CHECK, name], tmp_path)

    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (code, "")
    assert err == f"\n{said}; nothing was left half-written.\n"


DEAF = """
import hashlib, signal, sys
from txsim.cli.stopping import stoppable

signal.signal(signal.SIGTERM, signal.SIG_DFL)
with stoppable():
    print("ready", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)
"""


def test_a_command_that_does_not_hear_is_ended_all_the_same(tmp_path: Path) -> None:
    """As while it compiles: machine code comes back to Python after many seconds only."""
    process = session(["-c", DEAF], tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)

    _, err = assert_nobody_is_left(process, time.monotonic())

    assert process.returncode == 143
    assert err == "\nEnded by SIGTERM.\n"


LOSING = """
import signal, time
from txsim.cli.stopping import Stopped, stoppable

class Given:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)
        print("given back", flush=True)

signal.signal(signal.SIGTERM, signal.SIG_DFL)
try:
    with stoppable():
        Given()
        time.sleep(60)
except Stopped as stopped:
    print(stopped)
"""


def test_a_request_to_end_is_not_lost_where_exceptions_are(tmp_path: Path) -> None:
    process = session(["-c", LOSING], tmp_path)

    assert process.communicate(timeout=60) == ("given back\nSIGTERM\n", "")
    assert process.returncode == 0


def test_llvmlite_has_the_functions_in_which_exceptions_are_lost() -> None:
    from llvmlite.binding.executionengine import ExecutionEngine

    from txsim.cli.stopping import LOSING as NAMES

    assert all(hasattr(ExecutionEngine, name) for name in NAMES if not name.startswith("__"))


@pytest.mark.parametrize("name", ["_raw_object_cache_notify", "_raw_object_cache_getbuffer"])
def test_a_request_to_end_is_not_lost_while_a_kernel_is_compiled(tmp_path: Path, name: str) -> None:
    """llvmlite's compiler calls back there; what is raised in it is printed and forgotten."""
    script = LOSING.replace("def __del__(self)", f"def {name}(self)").replace(
        "Given()", f"Given().{name}()"
    )
    process = session(["-c", script], tmp_path)

    assert process.communicate(timeout=60) == ("given back\nSIGTERM\n", "")


CALLED_BACK = """
import signal, time, weakref
from txsim.cli.stopping import Stopped, stoppable

class Given:
    pass

signal.signal(signal.SIGTERM, signal.SIG_DFL)
try:
    with stoppable():
        given = Given()
        watched = weakref.ref(given, lambda _: signal.raise_signal(signal.SIGTERM))
        del given
        time.sleep(60)
except Stopped as stopped:
    print(stopped)
"""


def test_a_request_to_end_is_asked_again_where_python_forgets_it(tmp_path: Path) -> None:
    """In any callback from C: Python prints what is raised there, and goes on."""
    process = session(["-c", CALLED_BACK], tmp_path)

    assert process.communicate(timeout=60) == ("SIGTERM\n", "")


UNMOVED = """
import signal, time
from txsim.cli.stopping import stoppable

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
signal.signal(signal.SIGTERM, mine := lambda *_: print("mine", flush=True))
with stoppable():
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.raise_signal(number)
assert signal.getsignal(signal.SIGTERM) is mine
assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
signal.signal(signal.SIGTERM, signal.SIG_DFL)
with stoppable():
    assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
assert signal.set_wakeup_fd(-1) == -1
"""


def test_signals_that_are_ignored_or_handled_elsewhere_stay_so(tmp_path: Path) -> None:
    """As under `nohup`, or in a program that calls the command's functions."""
    process = session(["-c", UNMOVED], tmp_path)

    out, err = process.communicate(timeout=60)

    assert (process.returncode, out, err) == (0, "mine\n", "")


SPREAD = """
import signal, time
from txsim.parameters.draw import HELD_AT_CENTRE
from txsim.workers import spread

def job(block):
    time.sleep(600)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    blocks = [[HELD_AT_CENTRE.luck(1, one)] for one in range(100)]
    spread(job, blocks, print, 2, None, None)
"""


def spreading(folder: Path, **variables: str) -> subprocess.Popen[str]:
    """A process whose two workers are at work."""
    (folder / "spreading.py").write_text(SPREAD, encoding="utf-8")
    process = session(["spreading.py"], folder, **variables)
    # itself, two workers, two trackers
    wait_for(lambda: len(members(process.pid)) == 5)
    time.sleep(1)
    assert semaphores(process.pid)
    return process


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_workers_end_with_the_process_that_started_them(tmp_path: Path, name: str) -> None:
    """Which has no chance to stop them."""
    process = spreading(tmp_path)
    process.send_signal(getattr(signal, name))

    assert_nobody_is_left(process, time.monotonic())

    assert process.returncode == -getattr(signal, name)


@pytest.mark.parametrize("path", [os.environ["PATH"], ""], ids=["as ever", "without pgrep"])
def test_workers_are_stopped_by_an_interruption(tmp_path: Path, path: str) -> None:
    """Slim containers lack the program by which loky looks for what workers have started."""
    process = spreading(tmp_path, PATH=path)
    process.send_signal(signal.SIGINT)

    _, err = assert_nobody_is_left(process, time.monotonic())

    assert process.returncode == -signal.SIGINT
    assert err.endswith("KeyboardInterrupt\n")
    assert err.count("Traceback") == 1
    assert "pgrep" not in err


DYING = """
import os, pathlib
from txsim.parameters.draw import HELD_AT_CENTRE
from txsim.workers import spread

def job(block):
    try:
        pathlib.Path("died").mkdir()
    except FileExistsError:
        return [[one.replication] for one in block]
    os.kill(os.getpid(), 9)

if __name__ == "__main__":
    rows = {}
    collect = lambda block, found: rows.update(zip([one.replication for one in block], found))
    blocks = [[HELD_AT_CENTRE.luck(1, one)] for one in range(8)]
    spread(job, blocks, collect, 2, None, None)
    print(sorted(rows.items()) == [(one, [one]) for one in range(8)])
"""


DEADLY = """
import os
from txsim.parameters.draw import PRIOR
from txsim.workers import spread

def job(block):
    if any(one.replication == 5 for one in block):
        os.kill(os.getpid(), 9)
    return [[one.replication] for one in block]

if __name__ == "__main__":
    rows, missed = {}, []
    collect = lambda block, found: rows.update(zip([one.replication for one in block], found))
    blocks = [[PRIOR.luck(1, one), PRIOR.luck(1, one + 1)] for one in range(0, 8, 2)]
    spread(job, blocks, collect, 2, None, missed.append)
    print(sorted(rows), missed)
"""


def test_a_replication_that_kills_its_process_is_missed_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "deadly.py").write_text(DEADLY, encoding="utf-8")

    out, err = session(["deadly.py"], tmp_path).communicate(timeout=200)

    reason = "the process that ran it died; is memory short?"
    assert out == f"[0, 1, 2, 3, 4, 6, 7] [Failure(replication=5, draw=1, reason='{reason}')]\n"
    assert err == ""


@pytest.mark.parametrize("path", [os.environ["PATH"], ""], ids=["as ever", "without pgrep"])
def test_a_worker_that_dies_is_replaced(tmp_path: Path, path: str) -> None:
    (tmp_path / "dying.py").write_text(DYING, encoding="utf-8")

    process = session(["dying.py"], tmp_path, PATH=path)

    assert process.communicate(timeout=100) == ("True\n", "")
    assert (tmp_path / "died").exists()


# -- the command itself


TINY = """\
title = "A tiny clinic"
extends = "baseline"
[arrivals]
cohort = 40
[horizon]
days = 60
[clinic]
places = 40
"""


def run(folder: Path, **variables: str) -> subprocess.Popen[str]:
    (folder / "tiny.toml").write_text(TINY, encoding="utf-8")
    words = ["run", "tiny.toml", "--replications", "100000", "--workers", "2", "--out", "results"]
    return session(["-m", "txsim", *words], folder, **variables)


def assert_nothing_is_half_written(folder: Path) -> None:
    assert {one.name for one in folder.iterdir()} <= {"tiny.toml", "cache"}


ENDS = {"SIGTERM": 143, "SIGHUP": 129, "SIGKILL": -9}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "whom"),
    [
        ("SIGTERM", "it"),
        ("SIGTERM", "everybody"),
        ("SIGHUP", "it"),
        ("SIGHUP", "everybody"),
        ("SIGKILL", "it"),
    ],
)
def test_a_run_on_several_cores_is_ended(tmp_path: Path, name: str, whom: str) -> None:
    process = run(tmp_path)
    assert process.stderr is not None
    wait_for(lambda: len(members(process.pid)) == 5)
    time.sleep(4)
    if whom == "everybody":
        os.killpg(process.pid, getattr(signal, name))
    else:
        process.send_signal(getattr(signal, name))

    out, err = assert_nobody_is_left(process, time.monotonic())

    assert (process.returncode, out) == (ENDS[name], "")
    assert "Traceback" not in err
    if name != "SIGKILL":
        assert f"\nEnded by {name}" in err
    assert_nothing_is_half_written(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDS)
def test_a_run_is_ended_while_it_compiles(tmp_path: Path, name: str) -> None:
    process = run(tmp_path, TXSIM_CACHE=str(tmp_path / "cache"))
    assert process.stderr is not None
    while "Treatment slots" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(6)
    process.send_signal(getattr(signal, name))

    out, err = assert_nobody_is_left(process, time.monotonic())

    assert (process.returncode, out) == (ENDS[name], "")
    assert "Traceback" not in err
    assert_nothing_is_half_written(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.2, 0.8, 1.4, 2.0, 3.0, 5.0])
def test_an_interruption_from_a_terminal_at_any_moment(tmp_path: Path, seconds: float) -> None:
    """Pressed twice; while workers start, load what they need, or send results."""
    process = run(tmp_path)
    assert process.stderr is not None
    while "Treatment slots" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(seconds)
    begun = time.monotonic()
    for _ in range(2):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.05)

    out, err = assert_nobody_is_left(process, begun)

    assert (process.returncode, out) == (130, "")
    assert err.endswith("\nInterrupted; nothing was left half-written.\n")
    assert "Traceback" not in err
    assert_nothing_is_half_written(tmp_path)
