"""Files that are broken, wrong or meant to harm: each is refused by name and soon."""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from registration.enrolment.imports import refusals
from registration.enrolment.imports.reading import read_employees
from registration.errors import Invalid

DATA = Path(__file__).parents[2] / "data"
HEADINGS = "Etunimi;Sukunimi;Email\n"
SHEET_XML = "xl/worksheets/sheet1.xml"
OPENING = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
ODS_CELL = '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'


def plain_workbook() -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        book.add_worksheet("Lista").write_row(0, 0, ["Etunimi", "Sukunimi", "Email"])
    return written.getvalue()


def with_part(package: bytes, name: str, part: bytes | str) -> bytes:
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as given,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for other in given.namelist():
            if other != name:
                changed.writestr(other, given.read(other))
        changed.writestr(name, part)
    return written.getvalue()


def excel(sheet_data: str, *, before: str = "") -> bytes:
    xml = f"{before}{OPENING}<sheetData>{sheet_data}</sheetData></worksheet>"
    return with_part(plain_workbook(), SHEET_XML, xml)


def opendocument(rows: str) -> bytes:
    package = (DATA / "employees-clean-fi.ods").read_bytes()
    with zipfile.ZipFile(io.BytesIO(package)) as given:
        xml = given.read("content.xml").decode()
    start, end = xml.index("<table:table-row"), xml.rindex("</table:table>")
    return with_part(package, "content.xml", xml[:start] + rows + xml[end:])


def compound_with(stream: str) -> bytes:
    """An XLS whose workbook stream is named otherwise, as in other kinds of compound files."""
    content = (DATA / "employees-clean-fi.xls").read_bytes()
    old, new = "Workbook".encode("utf-16-le"), stream.encode("utf-16-le")
    at = content.index(old)
    entry = bytearray(content[at : at + 128])
    entry[:64] = new.ljust(64, b"\0")
    entry[64:66] = struct.pack("<H", len(new) + 2)
    return content[:at] + bytes(entry) + content[at + 128 :]


def xls_with_far_cell() -> bytes:
    """An XLS with one of its cells moved to the last row and column that its records can name."""
    content = bytearray((DATA / "employees-clean-fi.xls").read_bytes())
    at = content.index(struct.pack("<HHHH", 0x00FD, 10, 40, 0))
    content[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    return bytes(content)


def lying_zip() -> bytes:
    """A part that unpacks to far more than the directory says."""
    packed = bytearray(excel("<row/>" * 200_000))
    with zipfile.ZipFile(io.BytesIO(bytes(packed))) as archive:
        true_size = archive.getinfo(SHEET_XML).file_size
    return bytes(packed.replace(struct.pack("<I", true_size), struct.pack("<I", 100)))


def bomb() -> bytes:
    return with_part(plain_workbook(), "xl/sharedStrings.xml", b" " * (65 * 1024 * 1024))


def dense_bomb() -> bytes:
    return with_part(plain_workbook(), "xl/sharedStrings.xml", b" " * (20 * 1024 * 1024))


def locked_zip() -> bytes:
    content = bytearray(plain_workbook())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
FAR_ODS = (
    f"<table:table-row>{ODS_CELL}</table:table-row>"
    '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    f'<table:table-row><table:table-cell table:number-columns-repeated="16000"/>{ODS_CELL}'
    "</table:table-row>"
)
NESTED_ODS = (
    f'<table:table-row table:number-rows-repeated="900000">{ODS_CELL}</table:table-row>'
    '<table:table table:name="x">'
) * 40 + "</table:table>" * 40
WORD = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}


def package(parts: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


CASES: dict[str, tuple[bytes, type[Invalid]]] = {
    "nothing": (b"", refusals.EmptyFile),
    "only blanks": (b" \r\n\t\n", refusals.EmptyFile),
    "only delimiters": (b";;;\n;;;\n", refusals.EmptyFile),
    "workbook without cells": (excel(""), refusals.EmptyFile),
    "over ten megabytes": (b"a;b\n" * 2_700_000, refusals.FileTooLarge),
    "huge cell": (HEADINGS.encode() + b"x" * 9_000_000, refusals.CellTooLong),
    "long cell": (HEADINGS.encode() + b"x" * 40_000, refusals.CellTooLong),
    "long cell in workbook": (
        excel(f'<row><c t="inlineStr"><is><t>{"x" * 40_000}</t></is></c></row>'),
        refusals.CellTooLong,
    ),
    "zip bomb": (bomb(), refusals.ExpandsTooMuch),
    "dense zip bomb": (dense_bomb(), refusals.ExpandsTooMuch),
    "zip that lies of its size": (lying_zip(), refusals.DamagedFile),
    "cell in the far corner": (excel(FAR), refusals.TooManyRows),
    "cell far to the right": (
        excel('<row r="200"><c r="XFD200"><v>1</v></c></row>'),
        refusals.TooManyColumns,
    ),
    "more rows than a sheet has": (excel("<row/>" * 1_048_577), refusals.TooManyRows),
    "impossible address": (excel('<row><c r="A99999999999"/></row>'), refusals.DamagedFile),
    "far corner of an ODS": (opendocument(FAR_ODS), refusals.TooManyRows),
    "nested tables in an ODS": (opendocument(NESTED_ODS), refusals.TooManyRows),
    "endless spaces in an ODS": (
        opendocument(
            '<table:table-row><table:table-cell office:value-type="string"><text:p>'
            '<text:s text:c="900000000"/></text:p></table:table-cell></table:table-row>'
        ),
        refusals.DamagedFile,
    ),
    "far corner of an XLS": (xls_with_far_cell(), refusals.TooManyColumns),
    "entities": (excel("<row><c><v>&b;</v></c></row>", before=ENTITIES), refusals.UnsafeFile),
    "entities in UTF-16": (
        with_part(plain_workbook(), SHEET_XML, f"{ENTITIES}{OPENING}</worksheet>".encode("utf-16")),
        refusals.UnsafeFile,
    ),
    "broken XML": (excel("<row>"), refusals.DamagedFile),
    "deep XML": (excel("<row>" + "<c>" * 200_000), refusals.TooManyColumns),
    "external entity": (
        excel(
            "<row><c><v>&f;</v></c></row>",
            before='<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hosts">]>',
        ),
        refusals.UnsafeFile,
    ),
    "billion laughs in an ODS": (
        with_part(opendocument(""), "content.xml", ENTITIES + "<a>&b;</a>"),
        refusals.UnsafeFile,
    ),
    "entities in a workbook's relations": (
        with_part(plain_workbook(), "xl/_rels/workbook.xml.rels", ENTITIES + "<a>&b;</a>"),
        refusals.UnsafeFile,
    ),
    "XML of something": (b"<?xml version='1.0'?><note>&b;</note>", refusals.UnsupportedFile),
    "deep web page": (b"<html>" + b"<table><tr><td>" * 100_000, refusals.UnsupportedFile),
    "endless span in a web page": (
        b"<table><tr>" + b"<td colspan=9999>a</td>" * 9 + b"</tr></table>",
        refusals.TooManyColumns,
    ),
    "endless index in a web page": (
        b"<table>" + b"<row index=9999><cell>a</cell></row></table><table>" * 40_000,
        refusals.TooManyRows,
    ),
    "cut workbook": (plain_workbook()[:2000], refusals.DamagedFile),
    "cut XLS": ((DATA / "employees-clean-fi.xls").read_bytes()[:700], refusals.DamagedFile),
    "locked zip": (locked_zip(), refusals.ProtectedFile),
    "encrypted workbook": (compound_with("EncryptedPackage"), refusals.ProtectedFile),
    "old Word document": (compound_with("WordDocument"), refusals.DocumentFile),
    "some compound file": (compound_with("Nonsense"), refusals.UnsupportedFile),
    "Word document": (package(WORD), refusals.DocumentFile),
    "zip of something": (package({"readme.txt": "hello"}), refusals.UnsupportedFile),
    "binary workbook": (package({"xl/workbook.bin": "x"}), refusals.UnsupportedFile),
    "PNG": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, refusals.PictureFile),
    "JPEG": (b"\xff\xd8\xff\xe0" + b"\0" * 50, refusals.PictureFile),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", refusals.DocumentFile),
    "web page": (b"<!DOCTYPE html><table></table>", refusals.UnsupportedFile),
    "garbage": (bytes(range(256)) * 40, refusals.UnsupportedFile),
    "NUL bytes": (b"Etunimi;Sukunimi\0;Email\n" * 5, refusals.UnsupportedFile),
    "UTF-8 mark, other letters": (b"\xef\xbb\xbfEtunimi\nM\xe4ki\n", refusals.UnreadableText),
    "half a UTF-16 letter": ("Etunimi;ä".encode("utf-16") + b"\0", refusals.UnreadableText),
    "no letters of any encoding here": (b"Etunimi;\x81\x8d\n", refusals.UnreadableText),
    "open quote": (HEADINGS.encode() + b'"Anna;V;a@b.example\n' * 3, refusals.UnclosedQuote),
    "open quote over much": (HEADINGS.encode() + b'"' + b"x;y\n" * 90_000, refusals.UnclosedQuote),
    "too many rows": (HEADINGS.encode() + b"a;b;c@d.example\n" * 10_001, refusals.TooManyRows),
    "too many lines": (HEADINGS.encode() + b"\n" * 2_000_000 + b"x", refusals.TooManyRows),
    "too many columns": (b";".join([b"Etunimi"] * 101), refusals.TooManyColumns),
    "commas alone": (b"x" + b"," * 5_000_000 + b"x", refusals.TooManyColumns),
}


@pytest.mark.parametrize(("content", "refusal"), CASES.values(), ids=CASES.keys())
def test_hostile_file_is_refused_by_name(content: bytes, refusal: type[Invalid]) -> None:
    with pytest.raises(Invalid) as refused:
        read_employees(content, "lista.xlsx")
    assert type(refused.value) is refusal
    assert refused.value.message.format(**refused.value.params) != ""


SLOW = {
    "angles": "<" + "@" * 30_000,
    "brackets": "(" * 30_000,
    "dots": "a@" + "." * 30_000,
    "digits": "a" + " 1" * 15_000 + "@",
    "error": "#" + "A" * 30_000 + "1",
    "spaces": "a" + " " * 30_000 + "b",
}


@pytest.mark.parametrize("cell", SLOW.values(), ids=SLOW.keys())
def test_no_cell_takes_long_to_match(cell: str) -> None:
    """A pattern that tries all pairs of places would need minutes for these rows."""
    line = ";".join([cell] * 6)
    content = f"Nimi;Email;GSM;Osoite;Postinumero;Maa\n{(line + chr(10)) * 40}".encode()
    began = time.process_time()
    for part in (content, content.partition(b"\n")[2] + b"x;a@b.example\n"):
        reading = read_employees(part, "lista.csv")
        assert [row for row in reading.rows if row.ready] == []
    assert time.process_time() - began < 5


def test_open_quote_names_its_row() -> None:
    content = f'{HEADINGS}Anna;Virtanen;a@b.example\n"Matti;Mäki;m@b.example\nLiisa;S;l@b.example\n'
    with pytest.raises(refusals.UnclosedQuote) as refused:
        read_employees(content.encode(), "lista.csv")
    assert refused.value.params == {"row": 3}


def test_ten_thousand_people_are_let_in() -> None:
    lines = (f"Anna;Salo;a{number}@b.example\n" for number in range(10_000))
    reading = read_employees((HEADINGS + "".join(lines)).encode(), "lista.csv")
    assert len(reading.rows) == 10_000


def test_a_million_empty_rows_cost_nothing() -> None:
    empty = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(2, 400_000))
    heads = "".join(
        f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ("Etunimi", "Sukunimi", "Email")
    )
    claim = '<dimension ref="A1:XFD1048576"/>'
    xml = f"{OPENING}{claim}<sheetData><row>{heads}</row>{empty}</sheetData></worksheet>"
    reading = read_employees(with_part(plain_workbook(), SHEET_XML, xml), "lista.xlsx")
    assert (reading.layout.header_row, reading.rows) == (1, ())


def test_empty_rows_to_the_end_of_an_ods_cost_nothing() -> None:
    rows = (
        f"<table:table-row>{ODS_CELL}"
        '<table:table-cell table:number-columns-repeated="16383"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    reading = read_employees(opendocument(rows), "lista.ods")
    assert reading.layout.preview == (("a",),)


def test_the_guard_is_what_keeps_the_far_corner_out(tmp_path: Path) -> None:
    """Without it the parser asks for hundreds of gigabytes and takes the process down."""
    path = tmp_path / "far.xlsx"
    path.write_bytes(excel(FAR))
    program = (
        "import sys, python_calamine as c;"
        "c.load_workbook(sys.argv[1]).get_sheet_by_index(0).to_python()"
    )
    room = 2 << 30
    ended = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        check=False,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (room, room)),
    )
    assert ended.returncode != 0
