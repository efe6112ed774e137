"""What every command has in common: help, exit codes, one clear message, and a light start."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from txsim import __version__
from txsim.cli import COMMANDS, main

HEAVY = ("numpy", "pandas", "numba", "mesa", "scipy", "matplotlib", "seaborn", "pyarrow", "rich")


def modules_after(*words: str) -> set[str]:
    """The modules that a command has imported when it is done, in a process of its own."""
    code = (
        "import sys\nfrom txsim.cli import main\n"
        f"try:\n    main({list(words)!r}, prog_name='txsim')\n"
        "except SystemExit as done:\n    assert not done.code, done.code\n"
        "print('\\n' + ' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_nothing_but_the_commands_themselves() -> None:
    found = modules_after("--help")

    assert not found & {*HEAVY, "pydantic", "tomllib", "tomlkit"}


@pytest.mark.parametrize(
    "words",
    [
        ("check", "baseline"),
        ("catalogue", "services", "cbt"),
        ("roster", "--template"),
        ("check", "--schema"),
    ],
)
def test_light_commands_load_nothing_heavy(words: tuple[str, ...]) -> None:
    found = modules_after(*words)

    assert not found & set(HEAVY)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example_and_its_exit_codes(txsim, command: str) -> None:
    told = txsim(command, "--help")

    assert told.exit_code == 0
    assert "Example" in told.output
    assert f"\n    txsim {command}" in told.output, "examples keep their lines"
    assert "Exit codes: 0" in told.output
    assert len(told.output.splitlines()) <= 45, "one screen"


def test_the_help_lists_the_commands_and_exit_codes(txsim) -> None:
    told = txsim("--help")

    assert told.exit_code == 0
    assert all(f"\n  {command} " in told.output for command in COMMANDS)
    assert "130" in told.output
    assert txsim("-h").output == told.output


def test_the_version(txsim) -> None:
    assert txsim("--version").output.strip() == f"txsim, version {__version__}"


def test_an_unknown_command_is_answered_with_the_nearest(txsim) -> None:
    told = txsim("comapre", "baseline")

    assert told.exit_code == 2
    assert "There is no command 'comapre'. Did you mean 'compare'?" in told.output


def test_an_unknown_option_is_bad_input(txsim) -> None:
    told = txsim("check", "--jsn")

    assert told.exit_code == 2
    assert "--json" in told.output


def test_an_interruption_exits_with_130(txsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("txsim.scenario.load", interrupted)
    told = txsim("check", "baseline")

    assert told.exit_code == 130
    assert told.stderr.strip() == "Interrupted; nothing was left half-written."


def test_an_unexpected_fault_is_not_hidden(txsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("txsim.scenario.load", broken)
    told = txsim("check", "baseline")

    assert told.exit_code == 1
    assert isinstance(told.exception, ZeroDivisionError)


def test_python_m_txsim_is_the_same_command(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "txsim", "check", "nowhere.toml"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 2
    assert done.stderr == "nowhere.toml: there is no such file\nnowhere.toml: 1 mistake\n"


def test_every_command_can_be_reached() -> None:
    context = click.Context(main)

    assert [main.get_command(context, name).name for name in main.list_commands(context)] == list(
        COMMANDS
    )
    assert main.get_command(context, "nothing") is None
