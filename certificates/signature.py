"""The seal: PAdES signatures (ETSI EN 319 142-1) with a key from PKCS#12: baseline B-B, and B-T
where a service says when."""

import asyncio
import logging
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers import constants
from pyhanko.sign.signers.cms_embedder import (
    PdfCMSEmbedder,
    SigIOSetup,
    SigMDPSetup,
    SigObjSetup,
)
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from certificates.cms import MAX_NUMBER, Envelope, attributes_of, sign_bytes, write_envelope
from certificates.key import SigningKey, load
from certificates.stamp import ROOM, NoStamp, ask

FIELD: Final = "Seal"
# A service that did not answer is left alone for so long: nobody waits for it again and again.
PAUSE_SECONDS: Final = 60

logger = logging.getLogger(__name__)


class _Appendix(IncrementalPdfFileWriter):
    """Adds the signature and nothing else: what says PDF/A-3 and PDF 1.7 stays as it is."""

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        # pyHanko would raise it to 2.0, which PDF/A-3 is not. The file lists the extensions
        # that elliptic curves and PAdES are to 1.7, as ISO 32000-1 provides for.
        pass

    def _update_meta(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A file with room for its envelope, which is signed but for a time stamp."""

    embedding: Generator[Any, Any, Any]
    output: BytesIO
    envelope: Envelope

    def finished(self, token: bytes | None) -> bytes:
        self.embedding.send(write_envelope(replace(self.envelope, token=token)))
        return self.output.getvalue()


class Signer:
    """A key that is loaded and ready. Raises ``UnusableKey``."""

    def __init__(self, key: SigningKey) -> None:
        loaded = load(key)
        self._private = loaded.private
        self._certificate = loaded.certificate.public_bytes(Encoding.DER)
        self._chain = tuple(each.public_bytes(Encoding.DER) for each in loaded.chain)
        self._time_stamps = key.time_stamps
        self._asks_again_at = 0.0
        room = 1024 + sum(len(each) + 64 for each in (self._certificate, *self._chain))
        room += loaded.private.key_size // 4 + (ROOM if key.time_stamps else 0)
        self._reserved = 2 * room

    def sign(self, pdf: bytes, *, number: str = "") -> bytes:
        """The file with a certifying signature appended, after which nothing may change.

        The original bytes stay as they are, so PDF/A and the tags do too. ``number`` is what the
        certificate is known by. With a time-stamp service it starts an event loop of its own, so
        call it outside one: in a worker or a thread.
        """
        return self.sign_all([(pdf, number)])[0]

    def sign_all(self, files: Sequence[tuple[bytes, str]], *, stamped: bool = True) -> list[bytes]:
        """Files with their numbers, signed, in order. Their time stamps are asked for at once,
        unless none are wanted.

        When the service gives none, the signature is one without (B-B), and says nothing else:
        a certificate is worth the same, and its holder is not kept waiting.
        """
        prepared = [self._prepare(pdf, number) for pdf, number in files]
        tokens: list[bytes | None] = [None] * len(prepared)
        if stamped and self._time_stamps and time.monotonic() >= self._asks_again_at:
            tokens = asyncio.run(self._tokens([each.envelope.signature for each in prepared]))
        return [each.finished(token) for each, token in zip(prepared, tokens, strict=True)]

    def _prepare(self, pdf: bytes, number: str) -> _Prepared:
        file = _Appendix(BytesIO(pdf))
        file.register_extension(constants.ESIC_EXTENSION_1)
        if isinstance(self._private, ec.EllipticCurvePrivateKey):
            file.register_extension(constants.ISO32002)
        # Invisible, and outside the page: PDF/UA forbids an untagged field on it.
        place = fields.SigFieldSpec(
            FIELD,
            invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
            readable_field_name=FIELD,
        )
        embedding = PdfCMSEmbedder(new_field_spec=place).write_cms(FIELD, file)
        next(embedding)
        seal = SignatureObject(
            timestamp=datetime.now(UTC),
            subfilter=fields.SigSeedSubFilter.PADES,
            bytes_reserved=self._reserved,
        )
        rules = SigMDPSetup("sha256", certify=True, docmdp_perms=fields.MDPPerm.NO_CHANGES)
        embedding.send(SigObjSetup(sig_placeholder=seal, mdp_setup=rules))
        output = BytesIO()
        digest, _ = embedding.send(SigIOSetup(md_algorithm="sha256", output=output))
        found = digest.document_digest
        number = number.encode()[:MAX_NUMBER].decode(errors="ignore")
        attributes = attributes_of(
            found, signer=self._certificate, chain=self._chain, number=number
        )
        signature = sign_bytes(attributes, self._private)
        envelope = Envelope(self._certificate, self._chain, found, number, signature)
        return _Prepared(embedding, output, envelope)

    async def _tokens(self, signatures: Sequence[bytes]) -> list[bytes | None]:
        answers = await asyncio.gather(*(self._token(each) for each in signatures))
        if None in answers:
            self._asks_again_at = time.monotonic() + PAUSE_SECONDS
        return list(answers)

    async def _token(self, signature: bytes) -> bytes | None:
        try:
            return await ask(str(self._time_stamps), signature)
        except NoStamp as failure:
            logger.warning("no time stamp: %s", failure)
            return None


def sign(pdf: bytes, key: SigningKey, *, number: str = "") -> bytes:
    """``pdf`` signed with ``key``; for many files load a ``Signer`` once."""
    return Signer(key).sign(pdf, number=number)
