"""Key files: made for good, destroyed for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from registration.catering import keys


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_key_is_read_as_it_was_made(folder: Path) -> None:
    key = keys.create(folder, "one")
    assert (len(key), keys.read(folder, "one"), keys.exists(folder, "one")) == (32, key, True)


def test_a_key_is_never_made_over_another(folder: Path) -> None:
    key = keys.create(folder, "one")
    with pytest.raises(FileExistsError):
        keys.create(folder, "one")
    assert keys.read(folder, "one") == key


@pytest.mark.promise("P4")
def test_a_destroyed_key_is_overwritten_not_only_unlinked(folder: Path) -> None:
    key = keys.create(folder, "one")
    (folder / "link").hardlink_to(folder / "one.key")  # what still reaches the same blocks
    keys.destroy(folder, "one")
    assert len((folder / "link").read_bytes()) == 32
    assert (folder / "link").read_bytes() != key
    assert keys.exists(folder, "one") is False


def test_destroying_twice_changes_nothing(folder: Path) -> None:
    keys.create(folder, "one")
    keys.create(folder, "two")
    keys.destroy(folder, "one")
    keys.destroy(folder, "one")
    assert (keys.exists(folder, "one"), keys.exists(folder, "two")) == (False, True)


def test_a_damaged_key_is_as_good_as_none(folder: Path) -> None:
    keys.create(folder, "one")
    (folder / "one.key").write_bytes(b"short")
    with pytest.raises(keys.KeyMissing):
        keys.read(folder, "one")


def test_of_a_missing_folder_nothing_is_said(folder: Path) -> None:
    with pytest.raises(keys.FolderMissing):
        keys.exists(folder, "one")
    with pytest.raises(keys.FolderMissing):
        keys.destroy(folder, "one")


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    keys.create(folder, "one")
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (folder / "two.key").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic"):
        keys.destroy(folder, "two")
    assert precious.read_bytes() == b"precious"
