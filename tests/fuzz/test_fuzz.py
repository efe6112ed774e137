"""The fuzz sees what it looks for, goes on where it stopped, and finds nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

if not Path("/proc/self/status").exists():
    pytest.skip("trials are watched as Linux shows them", allow_module_level=True)

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
sys.path.append(str(EXPERIMENTS))
import fuzz  # noqa: E402  (the scripts are no package)
from inputs import Inputs  # noqa: E402
from mutated_rosters import roster  # noqa: E402
from mutated_scenarios import scenario  # noqa: E402
from watched_child import Answer, WatchedChild  # noqa: E402


def run(store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXPERIMENTS / "fuzz.py"), "--store", str(store), *words],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.fuzz
@pytest.mark.timeout(1800)
def test_a_twentieth_of_the_fuzz_finds_nothing(tmp_path: Path) -> None:
    done = run(tmp_path / "fuzz.jsonl", "--seed", "1", "--part", "1/20")

    assert done.returncode == 0, done.stdout + done.stderr
    kinds = {line.partition(":")[0] for line in done.stdout.splitlines()}
    assert kinds == set(fuzz.KINDS)


def test_a_trial_is_settled_by_its_seed_and_number() -> None:
    for made in (scenario, roster):
        assert made(1, 7) == made(1, 7)
        assert made(1, 7) != made(2, 7)
        assert made(1, 7) != made(1, 8)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer("accepted", "x.toml: fine"), ""),
        (Answer("refused", "x.toml:3: too small"), ""),
        (Answer("refused", " \n"), "not a word"),
        (Answer("failed", "KeyError: 'x'"), "failed: KeyError: 'x'"),
        (Answer("slow", "no answer"), "slow: no answer"),
        (Answer("died", "-11"), "died: -11"),
        (Answer("refused", "Traceback (most recent call last)"), "a traceback: Traceback"),
        (Answer("refused", "there is no Wrexley here"), "shown of a person: wrexley"),
        (Answer("refused", "x" * 100_000), "100,000 characters told"),
    ],
)
def test_faults_are_seen(answer: Answer, fault: str) -> None:
    found = fuzz.fault_of(answer, Inputs({}, secrets=("wrexley",)))

    assert found.startswith(fault) if fault else found == ""


def test_a_child_tells_how_a_job_went(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with WatchedChild() as child:
        path.write_text('extends = "baseline"\n')
        fine = child.asked("check", 5.0, path=str(path))
        path.write_text("clinic.places = -1\n")
        wrong = child.asked("check", 5.0, path=str(path))
        unknown = child.asked("no such job", 5.0)
        path.write_text('extends = "baseline"\n')
        again = child.asked("check", 5.0, path=str(path))
        slow = child.asked("check", 0.001, path="dual-diagnosis")

    assert (fine.ended, wrong.ended, again.ended) == ("accepted", "refused", "accepted")
    assert "mine.toml:1: clinic.places" in wrong.told
    assert (unknown.ended, "KeyError" in unknown.told) == ("failed", True)
    assert slow.ended == "slow"
    assert 0.0 < fine.seconds < 5.0


def test_a_second_run_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    store = tmp_path / "fuzz.jsonl"
    none = ["--rosters", "0", "--runs", "0", "--kills", "0", "--file-faults", "0"]

    first = run(store, "--scenarios", "3", *none)
    begun = store.read_text()
    store.write_text(begun + '{"trial": "scenario:3", "fau')  # stopped in the middle
    second = run(store, "--scenarios", "5", "--part", "2/2", *none)
    other = run(store, "--scenarios", "5", "--seed", "2", *none)

    assert (first.returncode, second.returncode) == (0, 0)
    assert store.read_text().startswith(begun)
    trials = [json.loads(line)["trial"] for line in begun.splitlines()[1:]]
    assert trials == ["scenario:0", "scenario:1", "scenario:2"]
    assert '"trial": "scenario:3"' in store.read_text().splitlines()[-1]
    assert "scenario: 4 trials" in second.stdout
    assert other.returncode == 1
    assert "name another --store" in other.stderr
