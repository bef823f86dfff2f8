"""An installed wheel carries all it needs and runs from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds, as ``pip install`` would lay it out."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(site)
    return site


def test_it_carries_templates_static_files_messages_and_migrations(installed: Path) -> None:
    for needed in (
        "registration/templates/base.html",
        "registration/templates/mail/login/body.txt",
        "registration/static/css/tokens.css",
        "registration/locale/fi/LC_MESSAGES/messages.po",
        "registration/migrations/main/0001_initial.py",
        "registration/migrations/dietary/0001_initial.py",
        "certificates/design/formal.css",
        "certificates/design/card.html",
    ):
        assert (installed / needed).is_file(), needed
    assert not (installed / "tests").exists()


def test_it_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    environ = os.environ | {"PYTHONPATH": str(installed), "REGISTRATION_DATA": str(tmp_path / "v")}

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "registration", *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=environ, check=True, capture_output=True, text=True
        )
        return done.stdout

    assert "Tietosuojaseloste" in run("notice", "--lang", "fi")
    run("migrate")
    assert (tmp_path / "v" / "registration.sqlite3").stat().st_size > 0
    script = "import registration; print(registration.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environ, check=True, capture_output=True
    )
    assert where.stdout.decode().startswith(str(installed))
