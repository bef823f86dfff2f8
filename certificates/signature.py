"""The seal: PAdES signatures (ETSI EN 319 142-1, baseline B) with a key from PKCS#12."""

from io import BytesIO
from typing import Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from certificates.key import SigningKey, certificate_of

FIELD: Final = "Seal"


class _Appendix(IncrementalPdfFileWriter):
    """Adds the signature and nothing else: what says PDF/A-3 and PDF 1.7 stays as it is."""

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        # pyHanko would raise it to 2.0, which PDF/A-3 is not. The file lists the extensions
        # that elliptic curves and PAdES are to 1.7, as ISO 32000-1 provides for.
        pass

    def _update_meta(self) -> None:
        pass


class Signer:
    """A key that is loaded and ready. Raises ``UnusableKey``."""

    def __init__(self, key: SigningKey) -> None:
        certificate_of(key)
        self._signer = signers.SimpleSigner.load_pkcs12_data(
            key.pkcs12, other_certs=[], passphrase=key.passphrase
        )
        # Hex digits kept free for the signature: room for every certificate in the key file.
        # Without it each file would be signed twice, to find out.
        self._reserved = 4096 + 2 * len(key.pkcs12)

    def sign(self, pdf: bytes) -> bytes:
        """The file with a certifying signature appended, after which nothing may change.

        The original bytes stay as they are, so PDF/A and the tags do too. Takes some 25 ms;
        starts an event loop of its own, so call it outside one: in a worker or a thread.
        """
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        # Invisible, and outside the page: PDF/UA forbids an untagged field on it.
        place = fields.SigFieldSpec(
            FIELD,
            invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
            readable_field_name=FIELD,
        )
        signed = signers.PdfSigner(metadata, signer=self._signer, new_field_spec=place).sign_pdf(
            _Appendix(BytesIO(pdf)),
            output=BytesIO(),
            bytes_reserved=self._reserved,
        )
        return bytes(signed.getvalue())


def sign(pdf: bytes, key: SigningKey) -> bytes:
    """``pdf`` signed with ``key``; for many files load a ``Signer`` once."""
    return Signer(key).sign(pdf)
