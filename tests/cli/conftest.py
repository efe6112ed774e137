"""The command line, called in a folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from txsim.cli import main

Txsim = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def txsim(folder: Path) -> Txsim:
    """Call `txsim ...`; a fault in txsim itself fails the test."""
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words], prog_name="txsim")
