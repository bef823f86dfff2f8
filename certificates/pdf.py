"""Certificates as PDF/A-3a files: the only module that imports WeasyPrint.

The import takes a second and rendering blocks: call it from a worker process (``press``).
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from importlib.resources import files
from typing import Final

from weasyprint import CSS, HTML, Attachment
from weasyprint.document import Document, Page
from weasyprint.pdf.metadata import (
    DocumentMetadata,
)
from weasyprint.text.fonts import (
    FontConfiguration,
)
from weasyprint.urls import (
    FatalURLFetchingError,
    URLFetcherResponse,
)

from certificates.claims import ATTACHMENT, claims_of, write_claims
from certificates.document import PNG_MAGIC, CertificateDocument, CertificateError
from certificates.page import (
    DENSITIES,
    anchor,
    check_anchor,
    end_anchor,
    logo_address,
    page_of,
    qr_address,
    qr_code,
    signing_anchor,
    title_of,
    write_accents,
    write_html,
)
from certificates.sheet import SheetDocument, write_sheet
from certificates.xmp import declare_accessible

VARIANT: Final = "pdf/a-3a"
SHEET_VARIANT: Final = "pdf/ua-1"
GENERATOR: Final = "registration"
_FONTS: Final = {
    "asset:font/serif": ("font_source_serif_pro", "SourceSerifPro-Regular.ttf"),
    "asset:font/serif-semibold": ("font_source_serif_pro", "SourceSerifPro-Semibold.ttf"),
    "asset:font/sans": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "asset:font/sans-semibold": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
}

logger = logging.getLogger(__name__)


class DoesNotFit(CertificateError):
    """The text needs more than one page even in the tightest setting."""


class AssetRefused(CertificateError):
    """A certificate asked for something outside itself: a file, or the network."""


class Assets:
    """The URL fetcher: serves what it was given under ``asset:``, refuses all else."""

    def __init__(self, content: Mapping[str, tuple[str, bytes]]) -> None:
        self._content = content
        self.refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """A response with the asset. Raises WeasyPrint's fatal error for any other address.

        WeasyPrint swallows even that one while it draws an SVG, so it is kept in ``refused``.
        """
        if url not in self._content:
            # Not the whole address: a data: address is as long as what it holds.
            self.refused.append(url[:80])
            raise FatalURLFetchingError(f"refused: {url[:80]}")
        media_type, content = self._content[url]
        return URLFetcherResponse(url, content, {"Content-Type": media_type})

    __call__ = fetch


class Design:
    """The fonts and the style sheet, loaded once and used for every batch."""

    def __init__(self) -> None:
        self.fonts = FontConfiguration()
        content = {
            address: ("font/ttf", files(package).joinpath("files", name).read_bytes())
            for address, (package, name) in _FONTS.items()
        }
        sheet = files("certificates").joinpath("design", "certificate.css").read_text("utf-8")
        self.style = CSS(string=sheet, font_config=self.fonts, url_fetcher=Assets(content))
        plain = files("certificates").joinpath("design", "sheet.css").read_text("utf-8")
        self.sheet_style = CSS(string=plain, font_config=self.fonts, url_fetcher=Assets(content))

    def render(self, documents: Sequence[CertificateDocument]) -> list[bytes]:
        """One PDF per certificate, in their order; each has exactly one page.

        The same certificate always gives the same bytes on the same machine. Raises
        ``DoesNotFit``, ``AssetRefused``.
        """
        densities = [DENSITIES[0]] * len(documents)
        printed: dict[int, bytes] = {}
        while len(printed) < len(documents):
            waiting = [index for index in range(len(documents)) if index not in printed]
            layout = self._lay_out(documents, waiting, densities)
            for index, page in _fitting_pages(layout, waiting).items():
                printed[index] = _write(layout, page, documents[index])
            for index in waiting:
                if index not in printed:
                    densities[index] = _denser(densities[index], documents[index])
        return [printed[index] for index in range(len(documents))]

    def render_sheet(self, sheet: SheetDocument) -> bytes:
        """The sheet on as many numbered pages as it needs. Raises ``AssetRefused``."""
        fetcher = Assets({})
        html = HTML(string=write_sheet(sheet), base_url="asset:", url_fetcher=fetcher)
        try:
            layout = html.render(
                font_config=self.fonts, stylesheets=[self.sheet_style], pdf_variant=SHEET_VARIANT
            )
        except FatalURLFetchingError as error:
            raise AssetRefused(str(error)) from None
        layout.metadata = DocumentMetadata(
            title=f"{sheet.heading}: {sheet.title}", lang=sheet.language, generator=GENERATOR
        )
        content: bytes = layout.write_pdf(pdf_variant=SHEET_VARIANT)
        return content

    def _lay_out(
        self,
        documents: Sequence[CertificateDocument],
        waiting: Sequence[int],
        densities: Sequence[int],
    ) -> Document:
        pages = [page_of(documents[i], i, density=densities[i]) for i in waiting]
        fetcher = Assets(_images(documents, waiting))
        accents = CSS(string=write_accents(pages), url_fetcher=fetcher)
        html = HTML(string=write_html(pages), base_url="asset:", url_fetcher=fetcher)
        try:
            return html.render(
                font_config=self.fonts, stylesheets=[self.style, accents], pdf_variant=VARIANT
            )
        except FatalURLFetchingError as error:
            raise AssetRefused(str(error)) from None


def _images(
    documents: Sequence[CertificateDocument], waiting: Sequence[int]
) -> dict[str, tuple[str, bytes]]:
    images = {}
    for index in waiting:
        images[qr_address(index)] = ("image/svg+xml", qr_code(documents[index].verify_url))
        logo = documents[index].issuer.logo
        if logo is not None:
            media_type = "image/png" if logo.startswith(PNG_MAGIC) else "image/svg+xml"
            images[logo_address(index)] = (media_type, logo)
    return images


def _fitting_pages(layout: Document, waiting: Sequence[int]) -> dict[int, Page]:
    """The page of each certificate that has one only, with its text above what is at the foot."""
    fitting: dict[int, Page] = {}
    for index in waiting:
        pages = [page for page in layout.pages if anchor(index) in page.anchors]
        tops = pages[0].anchors
        foot = [tops[name] for name in (signing_anchor(index), check_anchor(index)) if name in tops]
        end = tops.get(end_anchor(index))
        if len(pages) == 1 and end and len(foot) == 2 and end[1] <= min(top for _, top, *_ in foot):
            fitting[index] = pages[0]
    return fitting


def _denser(density: int, document: CertificateDocument) -> int:
    if density == DENSITIES[-1]:
        raise DoesNotFit(document.number)
    return DENSITIES[DENSITIES.index(density) + 1]


def _write(layout: Document, page: Page, document: CertificateDocument) -> bytes:
    one = layout.copy([page])
    issued = datetime.combine(document.issued_on, time(), UTC)
    one.metadata = DocumentMetadata(
        title=title_of(document),
        authors=[document.issuer.name],
        lang=document.language.value,
        created=document.issued_on.isoformat(),
        modified=document.issued_on.isoformat(),
        generator=GENERATOR,
    )
    claims = Attachment(
        string=write_claims(claims_of(document)),
        name=ATTACHMENT,
        description=title_of(document),
        created=issued,
        modified=issued,
        relationship="Data",
    )
    content: bytes = one.write_pdf(
        attachments=[claims], pdf_variant=VARIANT, finisher=declare_accessible
    )
    if layout.url_fetcher.refused:
        raise AssetRefused(f"refused: {layout.url_fetcher.refused[0]}")
    missing = sum(len(font.missing) for font in one.fonts.values())
    if missing:
        logger.warning(
            "certificate %s: no installed font has %d of its characters; install fonts-noto",
            document.number,
            missing,
        )
    return content
