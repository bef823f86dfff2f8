"""Certificates as PDF/A-3a files: the only module that imports WeasyPrint.

The import takes a second and rendering blocks: call it from a worker process (``press``).
"""

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import partial
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
from certificates.document import CertificateDocument, Design
from certificates.drawing import Raster, qr_code
from certificates.engraving import frame
from certificates.finishing import finish
from certificates.labels import LABELS
from certificates.page import (
    DENSITIES,
    CertificatePage,
    Pictures,
    frame_address,
    key_of,
    page_of,
    title_of,
    write_html,
    write_variables,
)
from certificates.paper import PaperDocument, write_paper
from certificates.picture import PNG_MAGIC
from certificates.refusals import AssetRefused, DoesNotFit, LettersMissing
from certificates.sheet import SheetDocument, write_sheet

VARIANT: Final = "pdf/a-3a"
SHEET_VARIANT: Final = "pdf/ua-1"
GENERATOR: Final = "registration"
BADGE: Final = "badge.jwt"
_FONTS: Final = {
    "asset:font/serif": ("font_source_serif_pro", "SourceSerifPro-Regular.ttf"),
    "asset:font/serif-semibold": ("font_source_serif_pro", "SourceSerifPro-Semibold.ttf"),
    "asset:font/serif-italic": ("font_source_serif_pro", "SourceSerifPro-It.ttf"),
    "asset:font/sans": ("font_source_sans_pro", "SourceSansPro-Regular.ttf"),
    "asset:font/sans-semibold": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
}
# What WeasyPrint reads of a badge's name; the suffix is in no system's list yet.
mimetypes.add_type("application/vc+jwt", ".jwt", strict=False)


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


@dataclass(slots=True)
class _Album:
    """The pictures of a batch by address: what WeasyPrint loads, and what is drawn already."""

    loaded: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    drawn: dict[str, object] = field(default_factory=dict)
    _addresses: dict[bytes, str] = field(default_factory=dict)

    def of(self, document: CertificateDocument, index: int) -> Pictures:
        """Where to find the document's; one picture has one address in the whole batch."""
        issuer = document.issuer
        qr = f"asset:qr/{index}"
        if qr not in self.drawn:
            text = document.qr_text or document.verify_url
            self.drawn[qr] = qr_code(text, small=document.design is Design.CARD)
        self.drawn.setdefault(frame_address(issuer.accent), frame(issuer.accent))
        return Pictures(qr, self._address(issuer.logo), self._address(issuer.signature))

    def _address(self, picture: bytes | None) -> str | None:
        if picture is None:
            return None
        address = self._addresses.setdefault(picture, f"asset:picture/{len(self._addresses)}")
        if picture.startswith(PNG_MAGIC):
            if address not in self.drawn:
                self.drawn[address] = Raster(picture)
        else:
            self.loaded[address] = ("image/svg+xml", picture)
        return address


class Typesetter:
    """The fonts and the style sheets, loaded once and used for every batch."""

    def __init__(self) -> None:
        self.fonts = FontConfiguration()
        self._assets = Assets(
            {
                address: ("font/ttf", files(package).joinpath("files", name).read_bytes())
                for address, (package, name) in _FONTS.items()
            }
        )
        fonts = _read("fonts.css")
        self.styles = {
            design: self._style(fonts + _read(f"{design.value}.css")) for design in Design
        }
        self.sheet_style = self._style(_read("sheet.css"))
        self.paper_style = self._style(_read("paper.css"))

    def render(self, documents: Sequence[CertificateDocument]) -> list[bytes]:
        """One PDF per certificate, in their order: a page, or the two sides of a card.

        The same certificate always gives the same bytes on the same machine. Raises
        ``DoesNotFit``, ``AssetRefused``, ``LettersMissing``.
        """
        printed: dict[int, bytes] = {}
        for design in Design:
            indexes = [at for at, document in enumerate(documents) if document.design is design]
            printed |= self._render(design, documents, indexes)
        return [printed[index] for index in range(len(documents))]

    def render_sheet(self, sheet: SheetDocument) -> bytes:
        """The sheet on as many numbered pages as it needs. Raises ``AssetRefused``."""
        title = f"{sheet.heading}: {sheet.title}"
        return self._paged(write_sheet(sheet), self.sheet_style, title, sheet.language)

    def render_paper(self, paper: PaperDocument) -> bytes:
        """Likewise a paper in words. Raises ``AssetRefused``, ``TooLong``."""
        return self._paged(write_paper(paper), self.paper_style, paper.title, paper.language)

    def _paged(self, text: str, style: CSS, title: str, language: str) -> bytes:
        html = HTML(string=text, base_url="asset:", url_fetcher=Assets({}))
        try:
            layout = html.render(
                font_config=self.fonts, stylesheets=[style], pdf_variant=SHEET_VARIANT
            )
        except FatalURLFetchingError as error:
            raise AssetRefused(str(error)) from None
        layout.metadata = DocumentMetadata(title=title, lang=language, generator=GENERATOR)
        content: bytes = layout.write_pdf(pdf_variant=SHEET_VARIANT)
        return content

    def _style(self, sheet: str) -> CSS:
        return CSS(string=sheet, font_config=self.fonts, url_fetcher=self._assets)

    def _render(
        self, design: Design, documents: Sequence[CertificateDocument], waiting: list[int]
    ) -> dict[int, bytes]:
        """The files by index; those that do not fit are laid out again, more tightly."""
        printed: dict[int, bytes] = {}
        album = _Album()
        for density in DENSITIES:
            if not waiting:
                break
            pages = {
                index: page_of(
                    documents[index],
                    index,
                    pictures=album.of(documents[index], index),
                    density=density,
                )
                for index in waiting
            }
            layout = self._lay_out(design, list(pages.values()), album)
            sides = _sides_by_key(layout)
            for index in waiting:
                fitting = _fitting(design, sides, index)
                if fitting:
                    printed[index] = _write(layout, fitting, documents[index])
            waiting = [index for index in waiting if index not in printed]
        if waiting:
            raise DoesNotFit(documents[waiting[0]].number)
        return printed

    def _lay_out(self, design: Design, pages: Sequence[CertificatePage], album: _Album) -> Document:
        fetcher = Assets(album.loaded)
        variables = CSS(string=write_variables(pages), url_fetcher=fetcher)
        html = HTML(string=write_html(design, pages), base_url="asset:", url_fetcher=fetcher)
        try:
            return html.render(
                font_config=self.fonts,
                stylesheets=[self.styles[design], variables],
                pdf_variant=VARIANT,
                cache=dict(album.drawn),
            )
        except FatalURLFetchingError as error:
            raise AssetRefused(str(error)) from None


@dataclass(frozen=True, slots=True)
class _Side:
    """A page of the design: the anchor of what is on it, where its text ends, and what stands at
    its foot and must not be reached."""

    begin: str
    end: str
    foot: tuple[str, ...]


_A4: Final = (_Side("", "-end", ("-signing", "-check")),)
_SIDES: Final = {
    Design.FORMAL: _A4,
    Design.MODERN: (_Side("", "-end", ("-signing",)),),
    Design.CARD: (
        _Side("", "-end", ("-foot",)),
        _Side("-back", "-back-end", ("-signing", "-check")),
    ),
}


def _read(name: str) -> str:
    return files("certificates").joinpath("design", name).read_text("utf-8")


def _sides_by_key(layout: Document) -> dict[str, list[Page]]:
    """The pages on which each anchor is found."""
    found: dict[str, list[Page]] = {}
    for page in layout.pages:
        for name in page.anchors:
            found.setdefault(name, []).append(page)
    return found


def _fitting(design: Design, found: Mapping[str, list[Page]], index: int) -> list[Page]:
    """The pages of a certificate, or none if a text runs over its page or into its foot."""
    key = key_of(index)
    fitting = []
    for side in _SIDES[design]:
        pages = found.get(key + side.begin, [])
        if len(pages) != 1:
            return []
        places = pages[0].anchors
        feet = [places.get(key + name) for name in side.foot]
        end = places.get(key + side.end)
        if end is None or not all(foot is not None and end[1] <= foot[1] for foot in feet):
            return []
        fitting.append(pages[0])
    return fitting


def _write(layout: Document, pages: list[Page], document: CertificateDocument) -> bytes:
    one = layout.copy(pages)
    one.metadata = DocumentMetadata(
        title=title_of(document),
        authors=[document.issuer.name],
        lang=document.language.value,
        created=document.issued_on.isoformat(),
        modified=document.issued_on.isoformat(),
        generator=GENERATOR,
    )
    seal = f"{LABELS[document.language].signature}: {document.issuer.name}"
    content: bytes = one.write_pdf(
        attachments=_attachments(document),
        pdf_variant=VARIANT,
        finisher=partial(finish, seal=seal),
    )
    if layout.url_fetcher.refused:
        raise AssetRefused(f"refused: {layout.url_fetcher.refused[0]}")
    missing = {chr(code) for font in one.fonts.values() for code in font.missing}
    if missing:
        raise LettersMissing(document.number, "".join(sorted(missing)))
    return content


def _attachments(document: CertificateDocument) -> list[Attachment]:
    issued = datetime.combine(document.issued_on, time(), UTC)
    content = {ATTACHMENT: write_claims(claims_of(document))}
    if document.badge is not None:
        content[BADGE] = document.badge
    return [
        Attachment(
            string=data,
            name=name,
            description=title_of(document),
            created=issued,
            modified=issued,
            relationship="Data",
        )
        for name, data in content.items()
    ]
