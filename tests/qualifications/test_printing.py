"""Files printed by the real press: one at once, a session in the background, and what is left of
them when a person is erased."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from zipfile import ZipFile

import pytest

from certificates.verify import State, verify
from registration import clock
from registration.people.models import Person
from registration.press import close_press
from registration.privacy.erasure import erase
from registration.qualifications import printed, printing
from registration.qualifications.handing_out import archive, file
from registration.qualifications.keys import bundle, current_kid
from registration.qualifications.models import Certificate, Printed, PrintOrder
from registration.qualifications.printing import Progress
from registration.qualifications.queries import certificate
from registration.qualifications.reissuing import reissue
from registration.qualifications.rules import (
    CertificateReplaced,
    CertificateUnprintable,
    NothingPrinted,
)
from registration.settings import Settings
from tests.qualifications.makers import make_certified
from tests.teaching.makers import LATER

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_press")]
MARK = "Zyxwvutqvist"


@pytest.fixture
async def _press() -> AsyncIterator[None]:
    yield
    await close_press()


async def test_a_session_is_printed_in_steps_and_taken_as_one_archive(
    register: Settings, tmp_path: Path
) -> None:
    names = ("Aino Virtanen", "Bo Öhman", "山田 太郎", "א" * 60 + " ب", "Cia " + "D" * 58)
    school, lines = await make_certified(register, *names)
    now = clock.now()
    with pytest.raises(NothingPrinted):
        await archive(school.id, actor_id=None, settings=register, now=now)
    await Certificate.filter(id=lines[4].id).update(person_name="\u202e turned")
    await printing.order(school.id, actor_id=None, now=now)
    first, second = await asyncio.gather(
        printing.go_on(school.id, settings=register), printing.go_on(school.id, settings=register)
    )
    assert (first + second, await PrintOrder.all().count()) == (5, 0)
    found = await printing.progress(school.id, settings=register, now=now)
    assert found == Progress(total=5, done=5, failed=1, ordered=False, slow=False)
    pieces = [
        piece async for piece in await archive(school.id, actor_id=None, settings=register, now=now)
    ]
    whole = tmp_path / "files.zip"
    whole.write_bytes(b"".join(pieces))
    trust = await bundle(register, now=now)
    with ZipFile(whole) as opened:
        assert opened.testzip() is None
        files = [opened.read(name) for name in opened.namelist()]
    verdicts = [await asyncio.to_thread(verify, each, trust) for each in files]
    assert [(each.state, each.claims.person_name if each.claims else "") for each in verdicts] == [
        (State.VALID, line.person_name) for line in sorted(lines[:4], key=lambda line: line.number)
    ]
    # What is kept is given out again, byte for byte.
    kept = await file(lines[0].id, actor_id=None, settings=register, now=now)
    assert await file(lines[0].id, actor_id=None, settings=register, now=now) == kept
    with pytest.raises(CertificateUnprintable):
        await file(lines[4].id, actor_id=None, settings=register, now=now)


async def test_a_reissued_one_is_refused_and_names_the_newer(register: Settings) -> None:
    _school, (line,) = await make_certified(register)
    await printing.pdf(line.id, settings=register, now=LATER)
    made = await reissue(line.id, "Spelling", actor_id=None, settings=register, now=LATER)
    assert await Printed.all().count() == 0
    with pytest.raises(CertificateReplaced) as refused:
        await printing.pdf(line.id, settings=register, now=LATER)
    newer = await certificate(made, now=LATER)
    assert refused.value.params == {"number": newer.number}
    with pytest.raises(CertificateReplaced):
        await printing.badge(line.id, settings=register, now=LATER)
    badge = await printing.badge(made, settings=register, now=LATER)
    verdict = verify(badge, await bundle(register, now=LATER))
    assert (verdict.state, verdict.claims.number if verdict.claims else "") == (
        State.VALID,
        newer.number,
    )


def streams(settings: Settings) -> bytes:
    """Everything in the register's files, and what is compressed in them: SQLite cuts long values
    into pages that begin with the number of the next one."""
    found = bytearray()
    for path in sorted(settings.data.glob("registration.sqlite3*")):
        content = path.read_bytes()
        found += content
        joined = b"".join(content[at + 4 : at + 4096] for at in range(0, len(content), 4096))
        for raw in (content, joined):
            at = raw.find(b"\x78")
            while at >= 0:
                with suppress(zlib.error):
                    found += zlib.decompressobj().decompress(raw[at : at + 65_536])
                at = raw.find(b"\x78", at + 1)
    return bytes(found)


@pytest.mark.promise("P13")
async def test_an_erased_persons_file_is_gone_from_the_disk(register: Settings) -> None:
    """What a duty keeps is the row that says whose certificate it is; the file with the name in
    its compressed parts goes, and can be made again from that row."""
    _school, (line,) = await make_certified(register, f"Aino {MARK}")
    await printing.pdf(line.id, settings=register, now=LATER)
    claims = f'"person_name": "Aino {MARK}"'.encode()
    before = streams(register)
    assert (b"/ByteRange" in before, claims in before) == (True, True)
    await erase(line.person_id, actor_id=None, settings=register, now=LATER)
    after = streams(register)
    assert (b"/ByteRange" in after, b"%PDF-1." in after, claims in after) == (False, False, False)
    assert await Printed.all().count() == 0
    person = await Person.get(id=line.person_id)
    kept = await certificate(line.id, now=LATER)
    assert (person.email, kept.person_name) == ("", f"Aino {MARK}")
    key = await current_kid(register, now=LATER)
    assert await printed.content_of(line.id, key_id=key, now=LATER) is None
