"""Keys come and go, and what they signed stays worth what it was."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certificates.document import CertificateDocument, Issuer, Language
from certificates.key import certificate_of, kid_of, make_self_signed
from certificates.tokens import Tokens
from certificates.trust import read_trust
from certificates.verify import Reason, State, verify
from registration.press import (
    KEY_FILE,
    KeyIsGiven,
    KeyJustRotated,
    close_press,
    press_of,
    rotate_key,
    signing_key,
    tokens_of,
)
from registration.qualifications import keys
from registration.qualifications.keys import KeyDistrusted, KeyNotFound, KeyUnusable
from registration.qualifications.models import SigningCertificate
from registration.settings import BadSetting, Settings, load
from tests.certificates.keys import rsa_pkcs12
from tests.edge.test_command_line import _environ, command

NOW = datetime(2027, 3, 2, 9, tzinfo=UTC)
LATER = datetime(2027, 6, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await close_press()


def document(register: Settings) -> CertificateDocument:
    day = NOW.date()
    return CertificateDocument(
        number="2027-000001",
        person_name="Aino Virtanen",
        training_title="Track safety",
        days=(day,),
        issued_on=day,
        language=Language.ENGLISH,
        issuer=Issuer("Pohjan Raide Oy", url=register.base_url),
        verify_url=f"{register.base_url}/verify/x",
    )


async def badge(register: Settings) -> bytes:
    (made,) = await keys.make_badges([document(register)], settings=register, now=NOW)
    return made


async def verdict(content: bytes, register: Settings) -> tuple[State, Reason | None]:
    bundle = await keys.bundle(register, now=NOW)
    found = await asyncio.to_thread(verify, content, bundle)
    return found.state, found.reason


async def test_a_key_is_on_record_before_it_signs(register: Settings) -> None:
    assert await SigningCertificate.all().count() == 0
    kid = await keys.current_kid(register, now=NOW)
    (line,) = await keys.keys(register, now=LATER)
    assert (line.kid, line.first_used_at, line.retired_at, line.signs) == (kid, NOW, None, True)
    assert line.pem.encode() == certificate_of(signing_key(register))
    assert "PRIVATE" not in line.pem


@pytest.mark.promise("P8")
async def test_a_new_key_leaves_old_ones_valid(register: Settings) -> None:
    old = await badge(register)
    first = await keys.current_kid(register, now=NOW)
    private = (register.data / KEY_FILE).read_bytes()
    second = await keys.rotate(register, now=LATER)
    assert (await keys.current_kid(register, now=LATER)) == second != first
    assert (register.data / KEY_FILE).read_bytes() != private
    assert [each.name for each in register.data.glob("signing.p12*")] == [KEY_FILE]
    lines = {line.kid: line for line in await keys.keys(register, now=LATER)}
    assert (lines[first].retired_at, lines[first].signs) == (LATER, False)
    assert (lines[second].retired_at, lines[second].signs) == (None, True)
    assert await verdict(old, register) == (State.VALID, None)
    assert await verdict(await badge(register), register) == (State.VALID, None)


async def test_a_lost_key_leaves_old_ones_valid(register: Settings) -> None:
    old = await badge(register)
    (register.data / KEY_FILE).unlink()
    assert await verdict(await badge(register), register) == (State.VALID, None)
    assert await verdict(old, register) == (State.VALID, None)
    assert len(await keys.keys(register, now=LATER)) == 2


async def test_the_press_starts_anew_with_a_new_key(register: Settings) -> None:
    first, same = await press_of(register), await press_of(register)
    await keys.rotate(register, now=LATER)
    assert (first is same, await press_of(register) is first) == (True, False)


async def test_many_requests_at_once_start_one_press(register: Settings) -> None:
    started = await asyncio.gather(*(press_of(register) for _ in range(8)))
    assert len({id(each) for each in started}) == 1


async def test_a_given_key_is_not_replaced(register: Settings) -> None:
    path = register.data / "given.p12"
    path.write_bytes(rsa_pkcs12(passphrase=b"salainen"))
    given = register.model_copy(update={"signing_key": path, "signing_passphrase": "salainen"})
    old = await badge(given)
    with pytest.raises(KeyIsGiven):
        await keys.rotate(given, now=NOW)
    with pytest.raises(KeyIsGiven):
        await keys.distrust(await keys.current_kid(given, now=NOW), settings=given, now=LATER)
    path.write_bytes(make_self_signed("Given Oy", now=NOW, passphrase=b"salainen"))
    assert await verdict(await badge(given), given) == (State.VALID, None)
    assert await verdict(old, given) == (State.VALID, None)


async def test_a_wrong_passphrase_stops_signing_but_not_checking(register: Settings) -> None:
    old = await badge(register)
    path = register.data / "given.p12"
    path.write_bytes(rsa_pkcs12(passphrase=b"salainen"))
    wrong = register.model_copy(update={"signing_key": path, "signing_passphrase": "arvaus"})
    with pytest.raises(KeyUnusable):
        await keys.press(wrong, now=NOW)
    assert await verdict(old, wrong) == (State.VALID, None)
    path.unlink()
    with pytest.raises(KeyUnusable):
        await keys.press(wrong, now=NOW)
    assert await verdict(old, wrong) == (State.VALID, None)


async def test_a_distrusted_key_signs_and_proves_nothing_more(register: Settings) -> None:
    old = await badge(register)
    kid = await keys.current_kid(register, now=NOW)
    assert await keys.distrust(kid, settings=register, now=LATER) is True
    assert await verdict(old, register) == (State.NOT_VALID, Reason.DISTRUSTED)
    assert await verdict(await badge(register), register) == (State.VALID, None)
    trust = read_trust(await keys.bundle(register, now=LATER))
    assert (len(trust.good), len(trust.bad)) == (1, 1)
    assert await keys.distrust(kid, settings=register, now=LATER) is False
    with pytest.raises(KeyNotFound):
        await keys.distrust("none", settings=register, now=LATER)


async def test_a_distrusted_key_that_is_given_again_signs_nothing(register: Settings) -> None:
    path = register.data / "given.p12"
    path.write_bytes(make_self_signed("Given Oy", now=NOW))
    given = register.model_copy(update={"signing_key": path})
    kid = await keys.current_kid(given, now=NOW)
    await keys.current_kid(register, now=NOW)
    assert await keys.distrust(kid, settings=register, now=LATER) is False
    with pytest.raises(KeyDistrusted):
        await keys.press(given, now=LATER)


async def test_who_is_second_to_rotate_does_nothing(register: Settings) -> None:
    first = (await tokens_of(register)).kid
    rotate_key(register, instead_of=first)
    second = kid_of(certificate_of(signing_key(register)))
    with pytest.raises(KeyJustRotated):
        rotate_key(register, instead_of=first)
    assert kid_of(certificate_of(signing_key(register))) == second


def test_two_processes_rotate_at_once(tmp_path: Path) -> None:
    assert command("key", "list", data=tmp_path).returncode == 0
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "registration", "key", "rotate"],
            env=_environ(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [(process.communicate(timeout=120), process.returncode) for process in running]
    listed = command("key", "list", data=tmp_path).stdout.splitlines()
    made = [said[0].split()[0] for said, code in ended if code == 0]
    refused = [said[1] for said, code in ended if code != 0]
    # One after the other they both make one; at the very same time the second does nothing.
    assert len(made) == len(listed) - 1 >= 1
    assert all("Somebody else has just made a new key" in said for said in refused)
    assert set(made) <= {line.split()[0] for line in listed}
    assert [line.split()[2] for line in listed].count("signs") == 1
    pem = certificate_of(signing_key(load({"REGISTRATION_DATA": str(tmp_path)})))
    assert kid_of(pem) in made


def test_the_command_line_checks_all_three(tmp_path: Path) -> None:
    key = signing_key(load({"REGISTRATION_DATA": str(tmp_path)}))
    settings = load({"REGISTRATION_DATA": str(tmp_path)})
    tokens = Tokens(key)
    pem = tmp_path / "key.pem"
    pem.write_bytes(certificate_of(key))
    files = {
        "a.jwt": tokens.badge(document(settings)),
        "a.txt": tokens.qr_text(document(settings)).encode() + b"\n",
    }
    for name, content in files.items():
        file = tmp_path / name
        file.write_bytes(content)
        done = command("verify", str(file), "--key", str(pem), data=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "2027-000001" in done.stdout
        assert "not checked: whether it was revoked is seen at" in done.stdout
    for content, given, code in (
        (files["a.jwt"][:-20] + b"AAAA" + files["a.jwt"][-16:], pem, 1),
        (b"nonsense", pem, 2),
        (files["a.jwt"], tmp_path / "a.txt", 2),
    ):
        file = tmp_path / "b"
        file.write_bytes(content)
        done = command("verify", str(file), "--key", str(given), data=tmp_path)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    done = command("verify", str(tmp_path / "a.jwt"), data=tmp_path)
    assert (done.returncode, "give --key FILE" in done.stderr) == (1, True)


def test_a_key_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "given.p12"
    path.write_bytes(rsa_pkcs12(passphrase=b"salainen"))
    environ = {
        "REGISTRATION_SIGNING_KEY": str(path),
        "REGISTRATION_SIGNING_PASSPHRASE": "arvaus",
    }
    done = command("serve", "--port", "0", data=tmp_path / "var", **environ)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "REGISTRATION_SIGNING_KEY" in done.stderr
    assert "arvaus" not in done.stderr


@pytest.mark.parametrize("value", ["time.example", "ftp://time.example", "https://"])
def test_the_time_stamp_service_is_an_address(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadSetting, match="REGISTRATION_TIMESTAMP_URL"):
        load({"REGISTRATION_DATA": str(tmp_path), "REGISTRATION_TIMESTAMP_URL": value})
    settings = load(
        {"REGISTRATION_DATA": str(tmp_path), "REGISTRATION_TIMESTAMP_URL": "https://time.example"}
    )
    assert signing_key(settings).time_stamps == "https://time.example"
