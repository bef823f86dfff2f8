import base64
import re
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject
from weasyprint.urls import FatalURLFetchingError

from certificates.claims import claims_of, read_claims
from certificates.document import Design, Issuer, Language
from certificates.pdf import Assets, Typesetter
from certificates.refusals import AssetRefused, DoesNotFit
from tests.certificates.makers import make_document, squeezed, text

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    b'<rect width="9" height="9"/></svg>'
)


STATEMENT = (
    "Aino Virtanen",
    "Esimerkki Rakennus Oy",
    "on suorittanut koulutuksen",
    "Ratatyön turvallisuus",
    "Antaa pätevyyden",
    "Työskentely rautatiealueella",
    "Koulutuksen tavoitteet",
    "Tuntee työn vaarat.",
)
FACTS = (
    "Koulutuspäivät 1.–2.4.2026",
    "Laajuus 15,5 tuntia",
    "Paikka Tampere",
    "Kouluttaja Kari Nieminen, Raidekoulutus Oy",
    "Arvosana Hyväksytty",
)
SIGNER = ("Marja-Leena Väänänen", "Koulutuspäällikkö", "Pohjolan Rata Oy")
ADDRESS = ("Asemakatu 12", "33100 Tampere")
URL = "https://koulutus.example.fi/verify/9f3kq7Xw2LmZ"
HOW = ("Lue koodi tai avaa osoite:", URL)
EVERYTHING = {
    Design.FORMAL: (
        "Pohjolan Rata Oy",
        "TODISTUS",
        *STATEMENT,
        *FACTS,
        "Voimassa 2.4.2031 asti",
        "Myönnetty 3.4.2026",
        *SIGNER,
        *ADDRESS,
        "Nro PR-2026-000123",
        *HOW,
    ),
    Design.MODERN: (
        "Pohjolan Rata Oy",
        *STATEMENT,
        *FACTS,
        "Voimassa 2.4.2031 asti",
        "Todistus",
        "Nro PR-2026-000123",
        "Myönnetty 3.4.2026",
        *SIGNER,
        *ADDRESS,
        "Tarkista aitous",
        *HOW,
    ),
    Design.CARD: (
        "Pohjolan Rata Oy",
        "TODISTUS",
        "Aino Virtanen",
        "Ratatyön turvallisuus",
        "Todistuksen numero PR-2026-000123",
        "Voimassa 2.4.2031 asti",
        "Antaa pätevyyden",
        "Työskentely rautatiealueella",
        "Yritys Esimerkki Rakennus Oy",
        *FACTS,
        "Myönnetty 3.4.2026",
        "Marja-Leena Väänänen, Koulutuspäällikkö",
        "Pohjolan Rata Oy",
        "Tarkista aitous",
        URL,
    ),
}
BARE = {
    Design.FORMAL: "Rata Oy CERTIFICATE Aino Virtanen has completed the training "
    "Ratatyön turvallisuus Training days 1–2 April 2026 Valid until further notice "
    "Issued 3 April 2026 Rata Oy No. PR-2026-000123 Scan the code or open the address: "
    "https://r.fi/1",
    Design.MODERN: "Rata Oy Aino Virtanen has completed the training Ratatyön turvallisuus "
    "Training days 1–2 April 2026 Valid until further notice "
    "Certificate No. PR-2026-000123 Issued 3 April 2026 Rata Oy Check that it is genuine "
    "Scan the code or open the address: https://r.fi/1",
    Design.CARD: "Rata Oy CERTIFICATE Aino Virtanen Ratatyön turvallisuus "
    "Certificate number PR-2026-000123 Valid until further notice Training days 1–2 April 2026 "
    "Issued 3 April 2026 Rata Oy Check that it is genuine https://r.fi/1",
}


@pytest.mark.parametrize("design", list(Design))
def test_every_field_is_on_the_page(typesetter: Typesetter, design: Design) -> None:
    (pdf,) = typesetter.render([make_document(design=design)])
    assert text(pdf) == squeezed(*EVERYTHING[design])


@pytest.mark.parametrize("design", list(Design))
def test_absent_fields_leave_no_label(typesetter: Typesetter, design: Design) -> None:
    bare = make_document(
        design=design,
        company=None,
        training_aims=None,
        qualifies_for=None,
        grade=None,
        hours=None,
        valid_until=None,
        place=None,
        trainer_name=None,
        trainer_organisation=None,
        issuer=Issuer("Rata Oy"),
        verify_url="https://r.fi/1",
        language=Language.ENGLISH,
    )
    assert text(typesetter.render([bare])[0]) == squeezed(BARE[design])


def test_markup_in_a_name_is_only_text(typesetter: Typesetter) -> None:
    name = '<img src="file:///etc/passwd"> & {{ 7*7 }}'
    (pdf,) = typesetter.render([make_document(person_name=name)])
    assert squeezed("TODISTUS", name, "Esimerkki") in text(pdf)


@pytest.mark.parametrize(
    "name",
    [
        "Maximiliana Alexandrovna von Hohenzollern-Sigmaringen-Lindqvi",
        "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft",
        "N" * 160,
    ],
)
def test_long_name_stays_whole_on_one_page(typesetter: Typesetter, name: str) -> None:
    (pdf,) = typesetter.render([make_document(person_name=name)])
    assert squeezed("TODISTUS", name, "Esimerkki") in text(pdf)


@pytest.mark.parametrize("design", list(Design))
def test_fullest_certificate_of_words_fits(typesetter: Typesetter, design: Design) -> None:
    def words(length: int) -> str:
        return ("turvallisuus ja kunnossapito " * 60)[:length].strip()

    full = make_document(
        design=design,
        person_name=words(160),
        company=words(160),
        training_title=words(200),
        training_aims=words(1200),
        qualifies_for=words(800),
        grade=words(80),
        place=words(120),
        trainer_name=words(120),
        trainer_organisation=words(160),
        verify_url="https://koulutus.example.fi/" + "v" * 200,
        issuer=Issuer(
            words(120), words(240), signer_name=words(120), signer_title=words(120), logo=PNG
        ),
    )
    pages = len(PdfReader(BytesIO(typesetter.render([full])[0])).pages)
    assert pages == (2 if design is Design.CARD else 1)


def test_text_that_cannot_fit_is_refused_not_cut(typesetter: Typesetter) -> None:
    wide = make_document(
        person_name="W" * 160,
        training_title="W" * 200,
        training_aims="\n".join("W" * 600),
    )
    with pytest.raises(DoesNotFit, match="PR-2026-000123"):
        typesetter.render([make_document(number="first"), wide])


def test_batch_keeps_order_languages_and_pages(typesetter: Typesetter) -> None:
    languages = list(Language)
    documents = [
        make_document(
            number=f"N-{index}",
            person_name="Aino " * (1 + index % 7 * 4),
            language=languages[index % 3],
        )
        for index in range(20)
    ]
    readers = [PdfReader(BytesIO(pdf)) for pdf in typesetter.render(documents)]
    assert [(len(r.pages), str(r.root_object["/Lang"])) for r in readers] == [
        (1, document.language.value) for document in documents
    ]
    claims = [read_claims(r.attachments["certificate.json"][0]) for r in readers]
    assert claims == [claims_of(document) for document in documents]
    for reader, document in zip(readers, documents, strict=True):
        assert document.number in reader.pages[0].extract_text()


def test_file_is_archival_tagged_and_titled(typesetter: Typesetter) -> None:
    (pdf,) = typesetter.render([make_document(language=Language.SWEDISH)])
    reader = PdfReader(BytesIO(pdf))
    stream = reader.root_object["/Metadata"].get_object()
    assert isinstance(stream, StreamObject)
    metadata = stream.get_data().decode()
    assert re.findall(r'pdf(?:ua|a)id:(?:part|conformance)="\w"', metadata) == [
        'pdfaid:part="3"',
        'pdfaid:conformance="A"',
        'pdfuaid:part="1"',
    ]
    title = reader.metadata.title if reader.metadata else None
    assert (reader.pdf_header, str(reader.root_object["/Lang"]), title) == (
        "%PDF-1.7",
        "sv",
        "Intyg PR-2026-000123: Ratatyön turvallisuus, Aino Virtanen",
    )
    assert "/StructTreeRoot" in reader.root_object


def test_all_fonts_are_embedded(typesetter: Typesetter) -> None:
    (pdf,) = typesetter.render([make_document()])
    resources = PdfReader(BytesIO(pdf)).pages[0]["/Resources"].get_object()
    assert isinstance(resources, DictionaryObject)
    fonts = resources["/Font"].get_object()
    assert isinstance(fonts, DictionaryObject)
    names = set()
    for font in fonts.values():
        descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
        names.add(descriptor["/FontName"].partition("+")[2])
    assert names == {
        "Certificate-Serif",
        "Certificate-Serif-Italic",
        "Certificate-Serif-Semi-Bold",
    }


def test_same_certificate_gives_the_same_bytes(typesetter: Typesetter) -> None:
    document = make_document(issued_on=date(2026, 4, 5))
    assert typesetter.render([document]) == typesetter.render([document])


@pytest.mark.parametrize(
    "logo",
    [
        PNG,
        SVG,
    ],
)
def test_logo_takes_the_place_of_the_name_on_top(typesetter: Typesetter, logo: bytes) -> None:
    (pdf,) = typesetter.render([make_document(issuer=Issuer("Rata Oy", logo=logo))])
    assert text(pdf).count("RataOy") == 1


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:9/",
        "https://example.org/a.png",
        "ftp://example.org/",
        "data:text/plain,hello",
        "asset:font/../../etc/passwd",
        "/etc/passwd",
    ],
)
def test_fetcher_refuses_all_that_it_was_not_given(url: str) -> None:
    assets = Assets({"asset:logo/0": ("image/png", PNG)})
    with pytest.raises(FatalURLFetchingError, match="refused"):
        assets.fetch(url)


def test_fetcher_serves_what_it_was_given() -> None:
    assets = Assets({"asset:logo/0": ("image/png", PNG)})
    response = assets("asset:logo/0")
    assert (response.read(), response.content_type) == (PNG, "image/png")


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/a.png"])
def test_logo_that_reaches_outside_stops_the_printing(typesetter: Typesetter, address: str) -> None:
    issuer = Issuer("Rata Oy")
    logo = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        f'<image href="{address}" width="9" height="9"/></svg>'
    )
    # Past the check of pictures, which refuses it first.
    object.__setattr__(issuer, "logo", logo.encode())
    with pytest.raises(AssetRefused, match="refused"):
        typesetter.render([make_document(issuer=issuer)])
