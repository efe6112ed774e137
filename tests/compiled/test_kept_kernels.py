"""Kept kernels are trusted only when they are whole, and running goes on without them."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from txsim.compiled.cache_folder import MARK, MARKER, own_name, read_private, write_private
from txsim.compiled.functions import RULES, can_keep_kernels, is_compiled, kernel
from txsim.compiled.kept_kernels import folder_of, sealed, unsealed

from ..model.small_clinics import compiled_only
from ..systems import posix_only

pytestmark = compiled_only

SOURCES = str(Path(__file__).parents[2] / "src")
SCALE = 3.0
PURPOSE = bytes(32)


def scaled(numbers: np.ndarray[Any, Any]) -> float:
    """A small kernel to be compiled anew by every test."""
    total = 0.0
    for number in numbers:
        total += SCALE * number
    return total


def times(factor: float) -> Callable[[float], float]:
    return lambda number: number * factor


def fresh() -> Any:
    """The kernel as another session has it: nothing compiled, nothing loaded."""
    return kernel(scaled)


def outcome() -> tuple[float, bool]:
    """What a fresh kernel gives, and whether it was loaded from its file."""
    one = fresh()
    total = one(np.arange(5.0))
    return total, bool(one.stats.cache_hits)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where kernels of this test are kept; one is."""
    monkeypatch.setenv("TXSIM_CACHE", str(tmp_path / "chosen"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder_of.cache_clear()
    assert outcome() == (30.0, False)
    yield tmp_path / "chosen" / own_name() / RULES
    folder_of.cache_clear()


def kept(folder: Path) -> Path:
    (file,) = folder.glob("*.kernel")
    return file


def test_a_kernel_is_compiled_once(folder: Path) -> None:
    assert outcome() == (30.0, True)
    assert can_keep_kernels()
    assert {one.name for one in folder.iterdir()} == {MARKER, kept(folder).name}


def test_what_lies_ready_is_known_before_it_is_loaded(folder: Path) -> None:
    assert is_compiled(fresh())
    kept(folder).write_bytes(b"")
    assert not is_compiled(fresh())
    kept(folder).unlink()
    assert not is_compiled(fresh())


def test_another_type_another_file(folder: Path) -> None:
    assert fresh()(np.arange(5)) == 30.0
    assert len(list(folder.glob("*.kernel"))) == 2
    assert outcome() == (30.0, True)


def test_a_kernel_with_variables_of_a_function_around_it_is_not_kept(folder: Path) -> None:
    """Its file does not tell what they are."""
    assert [kernel(times(factor))(1.0) for factor in (2.0, 5.0)] == [2.0, 5.0]
    assert kept(folder)


# -- damage


def flipped(held: bytes) -> bytes:
    """One bit of the machine code is another."""
    place = len(held) * 2 // 3
    return held[:place] + bytes([held[place] ^ 1]) + held[place + 1 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda held: b"",
    "one byte": lambda held: held[:1],
    "halved": lambda held: held[: len(held) // 2],
    "short of a byte": lambda held: held[:-1],
    "longer": lambda held: held + b"\0",
    "garbled": lambda held: bytes(reversed(held)),
    "zeros": lambda held: bytes(len(held)),
    "a bit flipped": flipped,
    "of another kernel": lambda held: sealed(PURPOSE, unsealed(held) or b""),
    "whole, but nothing that can be unpickled": lambda held: sealed(
        held[24:56], b"\x80\x05nonsense"
    ),
    "whole, but of another kind": lambda held: sealed(held[24:56], pickle.dumps([1, 2, 3])),
}
"""What may have become of a file's bytes."""


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_kernel_is_compiled_anew_and_written_again(folder: Path, damage: str) -> None:
    file = kept(folder)
    whole = file.read_bytes()
    file.write_bytes(DAMAGE[damage](whole))
    assert file.read_bytes() != whole

    assert outcome() == (30.0, False)

    assert outcome() == (30.0, True), "it has healed"
    assert kept(folder) == file


def removed(file: Path) -> None:
    file.unlink()


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def unreadable(file: Path) -> None:
    file.chmod(0)


def anybodys(file: Path) -> None:
    file.chmod(0o666)


def a_link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to(file.with_name("elsewhere"))


def a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@posix_only
@pytest.mark.parametrize("damaged", [removed, a_folder, unreadable, anybodys, a_link, a_pipe])
@pytest.mark.parametrize("which", ["kernel", "marker"])
def test_a_file_that_is_something_else(
    folder: Path, damaged: Callable[[Path], None], which: str
) -> None:
    file = kept(folder) if which == "kernel" else folder / MARKER
    damaged(file)
    folder_of.cache_clear()

    before = outcome()
    folder_of.cache_clear()
    after = outcome()

    assert (before[0], after) == (30.0, (30.0, True))
    assert read_private(folder / MARKER) == MARK
    assert unsealed(read_private(kept(folder))) is not None


def test_a_full_folder_in_the_place_of_a_kernel_is_left_alone(folder: Path) -> None:
    file = kept(folder)
    a_folder(file)
    (file / "letter").write_text("mine", encoding="utf-8")

    for _ in range(2):
        assert outcome() == (30.0, False)
    assert (file / "letter").read_text(encoding="utf-8") == "mine"


@posix_only
@pytest.mark.parametrize("depth", [0, 1])
@pytest.mark.parametrize("put", ["nothing", "a file", "something unreadable"])
def test_a_folder_that_is_gone_or_something_else(folder: Path, depth: int, put: str) -> None:
    """While a session goes on, and for the next one."""
    place = (folder, folder.parent)[depth]
    if put == "something unreadable":
        place.chmod(0)
    else:
        place.rename(place.with_name("moved"))
    if put == "a file":
        place.write_text("in the way", encoding="utf-8")
    try:
        assert outcome()[0] == 30.0
        folder_of.cache_clear()
        assert outcome()[0] == 30.0
        assert outcome()[0] == 30.0
    finally:
        if put == "something unreadable":
            place.chmod(0o700)


class Evil:
    """What somebody else would have this user run."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


@posix_only
@pytest.mark.parametrize("mode", [0o700, 0o720, 0o702])
def test_code_from_where_others_can_write_is_never_run(
    folder: Path, tmp_path: Path, mode: int
) -> None:
    file = kept(folder)
    write_private(file, sealed(file.read_bytes()[24:56], pickle.dumps(Evil(tmp_path / "trace"))))
    folder.chmod(mode)
    folder_of.cache_clear()

    assert outcome() == (30.0, False)
    assert (tmp_path / "trace").exists() == (mode == 0o700), "in one's own folder one trusts"


def test_where_nothing_can_be_kept_kernels_run_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("txsim.compiled.kept_kernels.folder_of", lambda version: None)

    one = fresh()
    assert not is_compiled(one)
    assert one(np.arange(5.0)) == 30.0
    assert is_compiled(one), "for as long as this session lasts"


# -- in sessions of their own

TINY = """
import numpy as np
from txsim.compiled.functions import kernel

@kernel
def doubled(numbers):
    total = 0.0
    for number in numbers:
        total += 2.0 * number
    return total

def asked():
    return doubled(np.arange(5.0)), bool(doubled.stats.cache_hits)
"""


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run code in a session of its own, beside a module `tiny` with one kernel."""
    (tmp_path / "tiny.py").write_text(TINY, encoding="utf-8")

    def run(code: str, **variables: str | None) -> subprocess.CompletedProcess[str]:
        places = {"TXSIM_CACHE": "cache", "TMPDIR": str(tmp_path)}
        wanted = {**os.environ, "PYTHONPATH": SOURCES, **places, **variables}
        return subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, text=True, capture_output=True,
            env={name: one for name, one in wanted.items() if one is not None}, check=False,
        )  # fmt: skip

    return run


ASKED = "import json, tiny; print(json.dumps(tiny.asked()))"


def told(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout.splitlines()[-1])


KILLED_WHILE_WRITING = """
import os, signal
from txsim.compiled import cache_folder

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

cache_folder._mark = lambda folder: None
os.replace = killed
import tiny
tiny.asked()
"""


@posix_only
def test_a_session_killed_while_it_writes_harms_no_later_one(session, tmp_path: Path) -> None:
    assert session(KILLED_WHILE_WRITING).returncode == -9
    assert len(list((tmp_path / "cache").rglob("*.unfinished"))) == 1

    assert told(session(ASKED)) == [20.0, False]
    assert len(list((tmp_path / "cache").rglob("*.kernel"))) == 1


SEVERAL = """
import subprocess, sys
code = "import json, tiny; print(json.dumps(tiny.asked()[0]))"
at_once = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(3)]
print([one.communicate()[0].decode().strip() for one in at_once] == 3 * ["20.0"])
"""


@pytest.mark.slow
def test_several_sessions_may_begin_at_once(session, tmp_path: Path) -> None:
    done = session(SEVERAL)

    assert done.stdout.strip() == "True", done.stderr
    (file,) = (tmp_path / "cache").rglob("*.kernel*")
    assert unsealed(read_private(file)) is not None


FULL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
"""


@posix_only
def test_without_room_on_the_disk(session, tmp_path: Path) -> None:
    """There is some for the beginning of a file."""
    pytest.importorskip("resource")

    assert told(session(FULL_DISK + ASKED)) == [20.0, False]
    assert [one.name for one in tmp_path.rglob("*") if ".kernel" in one.name] == []


HOMELESS = """
import pwd
def nobody(*_):
    raise KeyError("no such user")
pwd.getpwuid = pwd.getpwnam = nobody
"""


@pytest.mark.parametrize("caches", [None, "own"])
def test_without_a_home(session, tmp_path: Path, caches: str | None) -> None:
    """As in many containers: no HOME, and nobody knows the user."""
    pytest.importorskip("pwd")
    caches = None if caches is None else str(tmp_path / caches)
    variables = {"HOME": None, "TXSIM_CACHE": None, "XDG_CACHE_HOME": caches}

    assert told(session(HOMELESS + ASKED, **variables)) == [20.0, False]
    place = tmp_path / ("own/txsim" if caches else "") / own_name()
    assert list(place.rglob("*.kernel"))


def test_importing_makes_no_folder(session, tmp_path: Path) -> None:
    """And what others compile is kept where numba keeps it, not in txsim's folder."""
    (tmp_path / "other.py").write_text(
        "import numba\n@numba.njit(cache=True)\ndef one():\n    return 1\n", encoding="utf-8"
    )
    told(session("import txsim.run, other; print(other.one())"))

    assert not (tmp_path / "cache").exists()
    assert list((tmp_path / "__pycache__").glob("other.one*.nbi"))


ONE_RUN = """
import hashlib, json
import txsim
from txsim.run import needs_compiling

design = txsim.load("baseline").with_changes(
    name="small", horizon={"days": 20, "follow_up_days": 5, "burn_in_days": 5},
    clinic={"places": 20}, arrivals={"per_week": 4.0},
)
ready = not needs_compiling()
held = txsim.run(design, 3, 5)
digest = hashlib.sha256()
for array in (held.events, held.calendar, held.days, held.services, held.roles):
    digest.update(array.tobytes())
print(json.dumps([ready, digest.hexdigest()]))
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_all_rules_damaged_each_in_another_way(session, tmp_path: Path) -> None:
    _, undamaged = told(session(ONE_RUN, TXSIM_CACHE=os.environ.get("TXSIM_CACHE")))
    own = folder_of(RULES)
    assert own is not None
    copied = tmp_path / "cache" / own_name() / RULES
    copied.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(own, copied)
    assert told(session(ONE_RUN)) == [True, undamaged]
    # The largest first: the day's own, of which a new session asks whether it lies ready.
    files = sorted(copied.glob("*.kernel"), key=lambda one: -one.stat().st_size)
    assert len(files) >= 4
    for file, damage in zip(files, itertools.cycle(DAMAGE.values()), strict=False):
        file.write_bytes(damage(file.read_bytes()))

    assert told(session(ONE_RUN)) == [False, undamaged]
    assert told(session(ONE_RUN)) == [True, undamaged]
