"""The set-up script: it installs when something changed and only then, and says what failed."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as if it stood in an empty checkout, where it installs nothing."""
    for name in ("dev.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    spec = importlib.util.spec_from_file_location("dev", tmp_path / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def commands(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands the script would have run; making an environment makes its folder."""
    seen: list[list[str]] = []

    def call(command: Sequence[str | Path]) -> None:
        seen.append([str(part) for part in command])
        if "venv" in seen[-1]:
            Path(seen[-1][-1]).mkdir()
            (Path(seen[-1][-1]) / "pyvenv.cfg").touch()

    monkeypatch.setattr(dev, "call", call)
    monkeypatch.setattr(dev, "succeeds", lambda command: True)
    return seen


@pytest.mark.parametrize("uv", [None, "/somewhere/uv"])
def test_installs_once_and_again_only_for_a_change(
    dev: ModuleType,
    commands: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    uv: str | None,
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: uv)
    dev.Environment().ready()
    assert [("venv" in one, "install" in one) for one in commands] == [(True, False), (False, True)]
    assert all((one[0] == uv) == (uv is not None) for one in commands)
    assert "constraints.txt" in commands[-1]

    dev.Environment().ready()
    assert len(commands) == 2

    dev.Environment().ready("test")
    assert ".[test]" in commands[-1]
    dev.Environment().ready("lint")
    assert ".[lint,test]" in commands[-1]
    dev.Environment().ready("test")
    assert len(commands) == 4

    with (dev.HERE / "constraints.txt").open("a") as pins:
        pins.write("another==1.0\n")
    dev.Environment().ready()
    assert ".[lint,test]" in commands[-1]
    assert len(commands) == 5


def test_newest_versions_know_no_pins(
    dev: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    dev.Environment(".venv-newest", pinned=False).ready("test")
    assert "constraints.txt" not in commands[-1]
    assert {"--upgrade", "eager"} <= set(commands[-1])


def test_a_failed_installation_is_tried_again(
    dev: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    call = dev.call

    def fail(command: Sequence[str | Path]) -> None:
        call(command)
        if "install" in command:
            raise dev.Stop("no network")

    monkeypatch.setattr(dev, "call", fail)
    for _ in range(2):
        with pytest.raises(dev.Stop, match="no network"):
            dev.Environment().ready()
    assert sum("install" in one for one in commands) == 2


def test_a_folder_that_is_no_environment_is_left_alone(
    dev: ModuleType, commands: list[list[str]]
) -> None:
    (dev.HERE / ".venv").mkdir()
    with pytest.raises(dev.Stop, match="not a Python environment"):
        dev.Environment().ready()
    assert commands == []


def test_a_python_without_ensurepip_is_named(
    dev: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(dev.Stop, match="ensurepip is missing"):
        dev.Environment().ready()


def test_a_shim_that_stands_for_nothing_is_not_taken(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.name == "nt":
        pytest.skip("shims are shell scripts")
    shim = tmp_path / "python3.11"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert dev.find_python("3.11") is None

    kept = tmp_path / "pyenv" / "versions" / "3.11.99" / "bin" / "python3.11"
    kept.parent.mkdir(parents=True)
    kept.symlink_to(sys.executable)
    assert dev.find_python("3.11") == str(kept)


def test_all_steps_are_done_and_one_failure_is_failure(dev: ModuleType) -> None:
    done: list[str] = []

    def step(name: str, well: bool) -> bool:
        done.append(name)
        return well

    assert not dev.everything([lambda: step("lint", False), lambda: step("tests", True)])
    assert done == ["lint", "tests"]
    assert dev.everything([lambda: step("lint", True)])


def test_the_tests_it_selects_are_there(dev: ModuleType) -> None:
    assert all((ROOT / path).exists() for path in (*dev.SMOKE, *dev.UNCOMPILED))


def test_help_names_every_command(dev: ModuleType) -> None:
    helped = subprocess.run(
        [sys.executable, str(ROOT / "dev.py"), "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(f"\n  {name} " in helped for name in dev.COMMANDS)
    assert all(job.__doc__ for job in dev.COMMANDS.values())


def test_unknown_command_fails() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "dev.py"), "tset"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "tset" in done.stderr
