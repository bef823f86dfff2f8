"""Letters, reports and extracts as PDF: what they say, in order, for every reader."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import outloud
import pytest
from pypdf import PdfReader

from certificates.paper import (
    MAX_ROWS,
    Block,
    Facts,
    Grid,
    Heading,
    PaperDocument,
    Paragraph,
    Points,
    TooLong,
    write_paper,
)
from certificates.pdf import Typesetter

HOSTILE = '<img src="file:///etc/passwd"> & {{ 7 * 7 }} </p>'


def paper(*blocks: Block, wide: bool = False) -> PaperDocument:
    return PaperDocument(
        language="fi",
        title="Vastaus pyyntöösi",
        sender=("Pohjan Raide Oy", "Ratakatu 1, 00100 Helsinki"),
        recipient=("Aino Virtanen", "Tie 1"),
        facts=(("Päivä", "1.4.2026"), ("Viite", "12")),
        blocks=blocks,
        signed=("Liisa Laine",),
        printed="Tulostettu 1.4.2026",
        page="Sivu",
        wide=wide,
    )


EVERYTHING: tuple[Block, ...] = (
    Heading("Mitä pyysit"),
    Paragraph("Ensimmäinen rivi\ntoinen rivi"),
    Points(("yksi", "kaksi")),
    Heading("Tarkemmin", level=3),
    Facts((("Nimi", "Aino"), ("Tyhjä", ""))),
    Grid("Taulukko", ("A", "B"), (("a1", "b1"), ("a2", HOSTILE))),
    Paragraph("Huomautus", quiet=True),
)


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter()


@pytest.mark.parametrize("wide", [False, True], ids=["upright", "across"])
def test_a_paper_says_everything_in_order(typesetter: Typesetter, wide: bool) -> None:
    read = PdfReader(BytesIO(typesetter.render_paper(paper(*EVERYTHING, wide=wide))))
    text = "\n".join(page.extract_text() for page in read.pages)
    said = [
        "Pohjan Raide Oy", "Aino Virtanen", "Vastaus", "1.4.2026", "Mitä pyysit", "Ensimmäinen",
        "toinen rivi", "yksi", "kaksi", "Tarkemmin", "Taulukko", "a1", "b1", "a2",
        "Huomautus", "Liisa Laine",
    ]  # fmt: skip
    text = text.replace("Tulostettu 1.4.2026", "")
    at = [text.find(each) for each in said]
    assert -1 not in at
    assert at == sorted(at)
    assert {"Päivä", "Viite", "Nimi", "Tyhjä"} <= set(text.split())
    assert "Sivu 1 / " in text
    box = read.pages[0].mediabox
    assert (box.width > box.height) is wide


def test_what_people_typed_is_text_and_nothing_else(typesetter: Typesetter) -> None:
    assert HOSTILE not in write_paper(paper(*EVERYTHING))
    read = PdfReader(BytesIO(typesetter.render_paper(paper(Paragraph(HOSTILE)))))
    assert 'src="file:///etc/passwd"' in read.pages[0].extract_text()


def test_a_long_table_runs_on_with_its_heads(typesetter: Typesetter) -> None:
    rows = tuple((f"rivi {number}", "x") for number in range(200))
    read = PdfReader(BytesIO(typesetter.render_paper(paper(Grid("", ("Otsake", "B"), rows)))))
    assert len(read.pages) > 2
    assert all("Otsake" in page.extract_text() for page in read.pages)
    assert "rivi 199" in read.pages[-1].extract_text()


def test_too_long_a_paper_is_refused() -> None:
    rows = tuple(("a", "b") for _each in range(MAX_ROWS + 1))
    with pytest.raises(TooLong):
        write_paper(paper(Grid("", ("A", "B"), rows)))


def test_a_paper_can_be_read_aloud(typesetter: Typesetter, tmp_path: Path) -> None:
    file = tmp_path / "paper.pdf"
    file.write_bytes(typesetter.render_paper(paper(*EVERYTHING)))
    subprocess.run(["qpdf", "--check", str(file)], check=True, capture_output=True, timeout=60)
    found = outloud.check(str(file))
    assert (found.error, found.errors, found.verdict) == (None, 0, "pass")
