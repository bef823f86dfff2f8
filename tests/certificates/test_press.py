import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import psutil
import pytest
import pytest_asyncio

from certificates.claims import claims_of
from certificates.document import CertificateDocument
from certificates.key import SigningKey, UnusableKey, certificate_of
from certificates.press import Press, PressBroken, PressBusy, PressClosed
from certificates.refusals import DoesNotFit
from certificates.verify import State, verify
from tests.certificates.makers import make_document

ALONE = """
import asyncio, sys
from datetime import date
import certificates.document, certificates.key, certificates.press
from certificates.document import CertificateDocument, Issuer, Language

async def main():
    document = CertificateDocument(
        number="1", person_name="A", training_title="B", days=(date(2026, 1, 1),),
        issued_on=date(2026, 1, 1), language=Language.FINNISH, issuer=Issuer("C"),
        verify_url="https://example.org/1")
    async with certificates.press.Press(workers=1) as press:
        (pdf,) = await press.print_certificates([document])
    print(pdf[:8].decode(), *sorted({"weasyprint", "pyhanko", "registration"} & set(sys.modules)))

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def press(key: SigningKey) -> AsyncIterator[Press]:
    async with Press(key, workers=1, max_pending=30) as press:
        yield press


def workers() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def test_batch_is_split_signed_and_in_order(key: SigningKey) -> None:
    documents = [make_document(number=f"N-{index}") for index in range(25)]
    before = {worker.pid for worker in workers()}
    async with Press(key, workers=2) as press:
        files = await press.print_certificates(documents)
        assert len({worker.pid for worker in workers()} - before) == 2
    assert {worker.pid for worker in workers()} - before == set()
    verdicts = [await asyncio.to_thread(verify, file, certificate_of(key)) for file in files]
    assert [(verdict.state, verdict.claims) for verdict in verdicts] == [
        (State.VALID, claims_of(document)) for document in documents
    ]


async def test_nothing_to_print_is_no_work(press: Press) -> None:
    assert await press.print_certificates([]) == []


async def test_more_than_may_wait_is_refused_and_what_waits_is_printed(press: Press) -> None:
    first = asyncio.create_task(press.print_certificates([make_document()] * 2))
    await asyncio.sleep(0)
    with pytest.raises(PressBusy):
        await press.print_certificates([make_document()] * 29)
    assert len(await first) == 2
    assert len(await press.print_certificates([make_document()] * 3)) == 3


async def test_what_cannot_be_printed_fails_by_name(press: Press) -> None:
    wide = make_document(number="W-1", training_aims="\n".join("W" * 600))
    with pytest.raises(DoesNotFit, match="W-1"):
        await press.print_certificates([make_document(), wide])


async def test_press_starts_new_workers_when_they_die(press: Press) -> None:
    await press.print_certificates([make_document()] * 2)
    before = workers()
    for worker in before:
        os.kill(worker.pid, signal.SIGKILL)
    assert len(await press.print_certificates([make_document()] * 2)) == 2
    assert {worker.pid for worker in before} & {worker.pid for worker in workers()} == set()


class Poison(CertificateDocument):
    """Kills the worker that unpacks it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (1,)


async def test_work_that_kills_workers_is_given_up(press: Press) -> None:
    plain = make_document()
    poison = Poison(**{name: getattr(plain, name) for name in plain.__dataclass_fields__})
    with pytest.raises(PressBroken):
        await press.print_certificates([poison])
    assert len(await press.print_certificates([plain])) == 1


async def test_closed_press_takes_no_work() -> None:
    press = Press()
    await press.close()
    await press.close()
    with pytest.raises(PressClosed):
        await press.print_certificates([make_document()])


async def test_what_waits_when_the_press_closes_is_told_so() -> None:
    press = Press(workers=1)
    calls = [asyncio.create_task(press.print_certificates([make_document()])) for _ in range(3)]
    await asyncio.sleep(0)
    await press.close()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(outcomes[2], PressClosed)


async def test_unusable_key_is_refused_at_once() -> None:
    with pytest.raises(UnusableKey):
        Press(SigningKey(b"nonsense"))


async def test_parent_never_imports_weasyprint(tmp_path_factory: pytest.TempPathFactory) -> None:
    script = tmp_path_factory.mktemp("alone") / "alone.py"
    script.write_text(ALONE)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert (done.stdout.strip(), done.stderr) == ("%PDF-1.7", "")
