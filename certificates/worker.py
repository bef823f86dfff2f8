"""What runs in a worker process of the press: WeasyPrint and the key are loaded here only."""

import atexit
import gc
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from multiprocessing import parent_process
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final

from certificates.document import CertificateDocument, Design, Issuer, Language
from certificates.paper import PaperDocument
from certificates.sheet import SheetDocument

if TYPE_CHECKING:
    from certificates.key import SigningKey

WARM_UP: Final = CertificateDocument(
    number="0",
    person_name="Å",
    training_title="Ä",
    days=(date(2026, 1, 1),),
    issued_on=date(2026, 1, 1),
    language=Language.FINNISH,
    issuer=Issuer("Ö"),
    verify_url="https://localhost/",
)


class Bench:
    """The loaded design and key of this process."""

    def __init__(self, key: "SigningKey | None") -> None:
        # Here and not above: the parent imports this module, and must stay light.
        from certificates.pdf import Typesetter
        from certificates.signature import Signer
        from certificates.tokens import Tokens

        self.typesetter = Typesetter()
        self.signer = Signer(key) if key else None
        self.tokens = Tokens(key) if key else None

    def produce(
        self, documents: Sequence[CertificateDocument], *, stamped: bool = True
    ) -> list[bytes]:
        if self.signer is None or self.tokens is None:
            return self.typesetter.render(documents)
        complete = [self.tokens.complete(document) for document in documents]
        files = self.typesetter.render(complete)
        numbers = [document.number for document in documents]
        return self.signer.sign_all(list(zip(files, numbers, strict=True)), stamped=stamped)


_benches: list[Bench] = []


def start(key: "SigningKey | None") -> None:
    """Makes this process ready: everything imported, one of each design laid out and signed."""
    # Ctrl-C goes to the whole group; the parent decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _benches.append(Bench(key))
    atexit.register(_put_away)
    # A time-stamp service counts what it is asked for.
    _benches[0].produce([replace(WARM_UP, design=design) for design in Design], stamped=False)
    # What is loaded stays; collecting between batches instead of within saves a fifth.
    gc.collect()
    gc.freeze()
    gc.disable()


def print_batch(documents: Sequence[CertificateDocument]) -> list[bytes]:
    """The files of ``documents`` in their order, signed if there is a key."""
    try:
        return _benches[0].produce(documents)
    finally:
        gc.collect()


def print_sheet(sheet: SheetDocument) -> bytes:
    """The sheet as a PDF; it proves nothing, so it is not signed."""
    try:
        return _benches[0].typesetter.render_sheet(sheet)
    finally:
        gc.collect()


def print_paper(paper: PaperDocument) -> bytes:
    """The paper as a PDF, not signed either."""
    try:
        return _benches[0].typesetter.render_paper(paper)
    finally:
        gc.collect()


def _put_away() -> None:
    # The design removes its temporary font files while it still can.
    _benches.clear()
    gc.unfreeze()
    gc.collect()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        _put_away()
        os._exit(1)
