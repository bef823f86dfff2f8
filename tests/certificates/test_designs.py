"""Each design in each language, looked at with tools that are not ours."""

import subprocess
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Final

import outloud
import pikepdf
import pytest

from certificates.document import CertificateDocument, Design, Issuer, Language
from certificates.key import SigningKey
from certificates.pdf import Typesetter
from certificates.signature import Signer
from certificates.tokens import Tokens
from tests.certificates.makers import ISSUER, make_document
from tests.certificates.test_picture import chunk, png, svg

LONG: Final = "Maximiliana Alexandrovna von Hohenzollern-Sigmaringen-Lindqvi"
TITLES: Final = {
    Language.FINNISH: "Rautatiejärjestelmän liikenteenohjauksen turvallisuuskriittisten tehtävien "
    "kertauskoulutus",
    Language.SWEDISH: "Repetitionsutbildning i säkerhetskritiska uppgifter inom trafikledningen "
    "av järnvägssystemet",
    Language.ENGLISH: "Refresher Training in Safety-Critical Duties of Traffic Control in the "
    "Railway System",
}
MILLIMETRE: Final = 72 / 25.4
SIZES: Final = {
    Design.FORMAL: [(210, 297)],
    Design.MODERN: [(210, 297)],
    Design.CARD: [(85.6, 54), (85.6, 54)],
}
HAND: Final = svg('<path d="M1 8 C3 1 5 1 8 8" fill="none" stroke="#1a2a5c"/>')
LOGO: Final = png(2, 2, b"\0\xff\x00\0\x00\xff")

Kept = Callable[[CertificateDocument], Path]


@pytest.fixture(scope="module")
def kept(typesetter: Typesetter, key: SigningKey, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Signed and written where tools can read it."""
    folder, signer, tokens = tmp_path_factory.mktemp("designs"), Signer(key), Tokens(key)

    def keep(document: CertificateDocument) -> Path:
        (pdf,) = typesetter.render([tokens.complete(document)])
        file = folder / f"{len(list(folder.iterdir()))}.pdf"
        file.write_bytes(signer.sign(pdf, number=document.number))
        return file

    return keep


def named(design: Design, language: Language) -> CertificateDocument:
    return make_document(
        design=design,
        language=language,
        person_name=LONG,
        training_title=TITLES[language],
        issuer=replace(ISSUER, signature=HAND, logo=LOGO),
    )


EACH = pytest.mark.parametrize("design", list(Design))


@EACH
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.promise("P8")
def test_signed_file_is_archival_and_accessible(
    kept: Kept, design: Design, language: Language
) -> None:
    file = kept(named(design, language))
    found = outloud.check(str(file))
    assert (found.error, found.errors, found.warnings, found.verdict) == (None, 0, 0, "pass")
    checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    with pikepdf.open(file) as pdf:
        stated = pdf.open_metadata()
        assert (stated.pdfa_status, str(stated["pdfuaid:part"])) == ("3A", "1")
        assert (str(pdf.Root.Lang), bool(pdf.Root.MarkInfo.Marked)) == (language.value, True)
        assert pdf.Root.OutputIntents[0].S == pikepdf.Name.GTS_PDFA1
        assert sorted(pdf.attachments) == ["badge.jwt", "certificate.json"]
        relations = {str(file.AFRelationship) for file in pdf.Root.AF}
        assert relations == {"/Data"}


@EACH
def test_pages_have_the_size_of_the_design(typesetter: Typesetter, design: Design) -> None:
    (content,) = typesetter.render([make_document(design=design)])
    with pikepdf.open(BytesIO(content)) as pdf:
        boxes = [[float(side) for side in page.mediabox] for page in pdf.pages]
    assert [
        (round(right / MILLIMETRE, 1), round(top / MILLIMETRE, 1)) for _, _, right, top in boxes
    ] == SIZES[design]


@EACH
@pytest.mark.parametrize("language", list(Language))
def test_qr_code_is_read_from_the_printed_page(
    kept: Kept, key: SigningKey, design: Design, language: Language
) -> None:
    document = named(design, language)
    picture = kept(document).with_suffix("")
    # Two hundred dots an inch: what a cheap office printer and a phone make of it.
    subprocess.run(
        ["pdftoppm", "-r", "200", "-f", "1", "-singlefile", "-png", f"{picture}.pdf", picture],
        check=True,
    )
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", picture.with_suffix(".png")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    address, _, claim = read.partition("#")
    assert (address, claim.count(".")) == (document.verify_url, 2)


@EACH
def test_longest_code_still_scans(typesetter: Typesetter, design: Design, tmp_path: Path) -> None:
    text = "https://koulutus.example.fi/verify/1#" + "aB3-_" * 150
    (content,) = typesetter.render([make_document(design=design, qr_text=text)])
    file = tmp_path / "a.pdf"
    file.write_bytes(content)
    subprocess.run(
        [
            "pdftoppm",
            "-r",
            "250",
            "-f",
            "1",
            "-l",
            "1",
            "-singlefile",
            "-png",
            file,
            tmp_path / "a",
        ],
        check=True,
    )
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", tmp_path / "a.png"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert read.stdout.strip() == text


@EACH
@pytest.mark.parametrize("accent", ["#ffcc00", "#ffffff", "#000000", "#17594a"])
def test_any_accent_is_printed(typesetter: Typesetter, design: Design, accent: str) -> None:
    issuer = Issuer("Rata Oy", accent=accent)
    (content,) = typesetter.render([make_document(design=design, issuer=issuer)])
    assert content.startswith(b"%PDF-1.7")


def test_batch_of_several_designs_keeps_its_order(typesetter: Typesetter) -> None:
    designs = [Design.CARD, Design.FORMAL, Design.CARD, Design.MODERN]
    documents = [
        make_document(design=design, number=f"N-{place}") for place, design in enumerate(designs)
    ]
    found = []
    for content in typesetter.render(documents):
        with pikepdf.open(BytesIO(content)) as pdf:
            title = str(pdf.docinfo.Title)
            found.append((len(pdf.pages), title.partition(":")[0]))
    assert found == [
        (2, "Todistus N-0"),
        (1, "Todistus N-1"),
        (2, "Todistus N-2"),
        (1, "Todistus N-3"),
    ]


def test_logo_that_carries_a_bomb_is_printed_without_it(typesetter: Typesetter) -> None:
    bomb = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 100_000_000))
    logo = png(2, 2, b"\0\xff\x00\0\x00\xff", more=bomb)
    (content,) = typesetter.render([make_document(issuer=Issuer("Rata Oy", logo=logo))])
    assert (content.startswith(b"%PDF-1.7"), len(content) < 60_000) == (True, True)


@EACH
def test_markup_in_every_text_is_only_text(typesetter: Typesetter, design: Design) -> None:
    markup = '<script>alert(1)</script><img src="file:///etc/passwd">'
    document = make_document(
        design=design,
        training_title=markup,
        company=markup,
        qualifies_for=markup,
        grade=markup,
        place=markup,
        trainer_name=markup,
        issuer=Issuer(markup, markup, signer_name=markup, signer_title=markup),
    )
    (content,) = typesetter.render([document])
    read = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True
    )
    shown = "".join(read.stdout.decode().split())
    texts = 8 if design is Design.CARD else 10
    assert shown.count("<script>alert(1)</script>") >= texts


def test_last_day_of_validity_is_on_the_front_of_a_card(typesetter: Typesetter) -> None:
    document = make_document(design=Design.CARD, valid_until=date(2031, 4, 2))
    (content,) = typesetter.render([document])
    front = subprocess.run(
        ["pdftotext", "-f", "1", "-l", "1", "-", "-"],
        input=content,
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert ("2.4.2031 asti" in front, "PR-2026-000123" in front) == (True, True)
