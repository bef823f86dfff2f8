"""Time stamps: asked of a service that really listens, and never claimed when there is none."""

import logging
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from certificates.cms import read_envelope
from certificates.key import SigningKey, certificate_of
from certificates.pdf import Typesetter
from certificates.signature import Signer
from certificates.stamp import BadStamp, read_stamp
from certificates.verify import Reason, State, verify
from tests.certificates.authority import time_stamps
from tests.certificates.makers import make_document
from tests.certificates.mutations import mutations
from tests.certificates.test_tampering import envelope_of, gap, resealed


@pytest.fixture(scope="module")
def unsigned(typesetter: Typesetter) -> bytes:
    return typesetter.render([make_document()])[0]


def stamping(key: SigningKey, address: str) -> Signer:
    return Signer(replace(key, time_stamps=address))


def test_a_stamped_file_says_when(key: SigningKey, unsigned: bytes, tmp_path: Path) -> None:
    with time_stamps() as service:
        signed = stamping(key, service.address).sign(unsigned, number="PR-2026-000123")
    verdict = verify(signed, certificate_of(key))
    assert (verdict.state, service.asked != []) == (State.VALID, True)
    assert verdict.stamp is not None
    assert verdict.stamp.authority == "Aikaleima Oy"
    assert abs(verdict.stamp.at - datetime.now(UTC)) < timedelta(minutes=5)
    file = tmp_path / "stamped.pdf"
    file.write_bytes(signed)
    said = subprocess.run(["pdfsig", str(file)], capture_output=True, text=True, check=False).stdout
    assert ("Signature is Valid." in said, "Total document signed" in said) == (True, True)


def test_many_are_asked_for_at_once_and_stay_in_order(key: SigningKey, unsigned: bytes) -> None:
    with time_stamps() as service:
        files = stamping(key, service.address).sign_all([(unsigned, str(n)) for n in range(6)])
    assert [envelope_of(file).number for file in files] == [str(n) for n in range(6)]
    assert all(verify(file, certificate_of(key)).stamp for file in files)


@pytest.mark.parametrize("kind", ["refusing", "nonsense", "other"])
def test_without_an_answer_nothing_claims_a_stamp(
    key: SigningKey, unsigned: bytes, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with time_stamps(kind) as service, caplog.at_level(logging.WARNING, "certificates.signature"):
        signer = stamping(key, service.address)
        first, second = (signer.sign(unsigned, number="1") for _ in range(2))
    for file in (first, second):
        verdict = verify(file, certificate_of(key))
        assert (verdict.state, verdict.stamp, envelope_of(file).token) == (State.VALID, None, None)
    assert len(service.asked) == 1, "a service that does not answer is left alone for a while"
    (record,) = [each for each in caplog.records if each.name == "certificates.signature"]
    assert record.getMessage().startswith("no time stamp: ")
    assert service.address not in caplog.text
    assert "127.0.0.1" not in record.getMessage()


def test_a_service_that_is_gone_keeps_nobody_waiting(key: SigningKey, unsigned: bytes) -> None:
    with time_stamps() as service:
        gone = service.address
    verdict = verify(stamping(key, gone).sign(unsigned), certificate_of(key))
    assert (verdict.state, verdict.stamp) == (State.VALID, None)


def test_a_stamp_of_another_signature_is_changed(key: SigningKey, unsigned: bytes) -> None:
    with time_stamps() as service:
        signer = stamping(key, service.address)
        mine, other = signer.sign_all([(unsigned, "1"), (unsigned, "2")])
    swapped = resealed(mine, replace(envelope_of(mine), token=envelope_of(other).token))
    verdict = verify(swapped, certificate_of(key))
    assert (verdict.state, verdict.reason) == (State.NOT_VALID, Reason.CHANGED)


def test_no_damage_outside_the_stamp_passes(key: SigningKey, unsigned: bytes) -> None:
    with time_stamps() as service:
        mine, other = stamping(key, service.address).sign_all([(unsigned, "1"), (unsigned, "2")])
    passed = [
        each
        for each in mutations(mine, other, 800)
        if verify(each, certificate_of(key)).state is State.VALID
        # What a service signs for is its own: its token has parts that mean nothing.
        and replace(read_envelope(_seal(each)), token=None)
        != replace(envelope_of(mine), token=None)
    ]
    assert passed == []


def _seal(pdf: bytes) -> bytes:
    start, end = gap(pdf)
    content = bytes.fromhex(pdf[start + 1 : end - 1].decode())
    return content[: 4 + int.from_bytes(content[2:4], "big")]


@pytest.mark.parametrize("token", [b"", b"\x30\x00", b"nonsense"])
def test_what_is_no_stamp_is_refused(token: bytes) -> None:
    with pytest.raises(BadStamp):
        read_stamp(token, b"signature")
