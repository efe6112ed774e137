"""Hooks use the versions that the checks use; hosted checks the Pythons that are promised."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_hooks_are_pinned_as_the_checks_are() -> None:
    hooks = dict(re.findall(r"\[([\w-]+)==([\d.]+)\]", HOOKS))
    assert set(hooks) == {"ruff", "codespell", "pre-commit-hooks", "check-jsonschema"}
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([\w-]+)==([\d.]+)$", pins, re.MULTILINE))
    assert hooks["ruff"] == pinned["ruff"]
    assert all(pinned.get(name, version) == version for name, version in hooks.items())


def test_hooks_are_installed_as_packages_only() -> None:
    assert re.findall(r"repo: (\S+)", HOOKS) == ["local"]


def test_hosted_checks_cover_every_python_that_is_promised() -> None:
    promised = [
        one.rpartition(" ")[2]
        for one in PROJECT["classifiers"]
        if re.fullmatch(r".*Python :: 3\.\d+", one)
    ]
    matrices = re.findall(r"python: (\[.*\])", WORKFLOW)
    assert len(matrices) == 2
    assert all(re.findall(r'"([\d.]+)"', one) == promised for one in matrices)


def test_hosted_checks_say_that_no_run_was_seen() -> None:
    """To be taken out, with the words, once one was."""
    assert WORKFLOW.startswith("# Not run yet")
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    assert not any("badge" in page.read_text(encoding="utf-8") for page in pages)


def test_hosted_checks_call_commands_that_exist() -> None:
    script = (ROOT / "dev.py").read_text(encoding="utf-8")
    called = re.findall(r"python dev\.py (\w+)", WORKFLOW)
    assert {"test", "smoke", "site"} <= set(called)
    assert all(f'    "{name}": ' in script for name in called)
