"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from registration.__main__ import app
from registration.settings import PREFIX, Settings, load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"`registration ([a-z]+(?: (?:add|verify|list|run)\b)?)", README)))


def test_every_make_target_it_names_is_there() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)", README))
    assert named == {"run", "test", "check", "bench"}
    assert all(f"\n{target}:" in MAKEFILE for target in named)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_it_names_is_there(command: str) -> None:
    answer = CliRunner().invoke(app, [*command.split(), "--help"])
    assert answer.exit_code == 0, answer.output


def test_every_setting_is_in_its_table_and_no_other() -> None:
    rows = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|", README, re.MULTILINE)
    named = {name.lower() for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert named == set(Settings.model_fields) - {"demo"}


def test_every_folder_on_its_map_is_there() -> None:
    folders = re.findall(r"\b(\w+)/", README.split("```")[5])
    assert len(folders) > 15
    for folder in folders:
        assert (
            (ROOT / folder).is_dir()
            or (ROOT / "registration" / folder).is_dir()
            or (ROOT / "tests" / folder).is_dir()
            or (ROOT / "templates" / folder).is_dir()
        ), folder


def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path) -> None:
    wrong = {
        "DATABASE_URL": "mysql://x",
        "BASE_URL": "registration.example",
        "SMTP_URL": "http://mail",
        "TIME_ZONE": "Mars/Olympus",
        "LANGUAGES": "de",
        "RATE_LIMIT": "maybe",
        "SECRET": "short",
        "NO_SUCH": "1",
        "OIDC_ISSUER": "https://idp.example",
    }
    for name, value in wrong.items():
        with pytest.raises(Exception, match=f"^{PREFIX}{name}: [^\n]+$"):
            load({f"{PREFIX}DATA": str(tmp_path / "var"), f"{PREFIX}{name}": value})


def test_keys_that_others_can_read_stop_the_start(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o755)
    with pytest.raises(Exception, match=f"^{PREFIX}KEYS: .*chmod 700"):
        load({f"{PREFIX}DATA": str(tmp_path / "var"), f"{PREFIX}KEYS": str(keys)})
