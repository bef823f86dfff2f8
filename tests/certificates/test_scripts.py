"""Names in the scripts of the world: every letter has a glyph, and none is a box."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from certificates.document import Design
from certificates.fonts import missing_scripts, named_letters
from certificates.pdf import Typesetter
from certificates.refusals import LettersMissing
from tests.certificates.makers import make_document

NAMES: Final = {
    "Latin": "Ğülşen Ångström-Łuczyński",
    "Vietnamese": "Nguyễn Thị Hương",
    "Greek": "Γιώργος Παπαδόπουλος",
    "Cyrillic": "Иван Ђорђевић Їжак",
    "Arabic": "محمد بن عبد الرحمن",
    "Hebrew": "משה כהן",
    "Thai": "สมชาย ใจดี",
    "Devanagari": "अमित कुमार शर्मा",
    "Bengali": "গৌতম রায়",
    "Tamil": "குமார்",
    "Georgian": "გიორგი",
    "Armenian": "Արամ",
    "Ethiopic": "አበበ",
    "Khmer": "សុខា",
    "Han": "山田太郎",
    "Kana": "さくら サクラ",
    "Hangul": "김민준",
}


@dataclass(frozen=True, slots=True)
class Glyph:
    """One that the page shows: its number in the embedded font, what it stands for, and whether
    the font draws anything for it."""

    number: int
    text: str
    drawn: bool


@dataclass(slots=True)
class Face:
    """A font in the file: what its glyphs stand for, and the font itself."""

    meaning: dict[int, str]
    font: TTFont

    def glyph(self, number: int) -> Glyph:
        drawn = _has_outline(self.font, self.font.getGlyphName(number))
        return Glyph(number, self.meaning.get(number, ""), drawn)


def _has_outline(font: TTFont, name: str) -> bool:
    if "glyf" in font:
        return bool(font["glyf"][name].numberOfContours)
    charstrings = font["CFF "].cff.topDictIndex[0].CharStrings
    return len(charstrings[name].bytecode or b"") > 4


def faces_in(page: pikepdf.Page) -> dict[str, Face]:
    faces = {}
    for key, font in page.Resources.Font.items():
        assert font.Encoding == pikepdf.Name("/Identity-H")
        descriptor = font.DescendantFonts[0].FontDescriptor
        file = descriptor.get("/FontFile2") or descriptor.get("/FontFile3")
        assert file is not None
        pairs = re.findall(rb"<([0-9a-f]{4})> <([0-9a-f]*)>", font.ToUnicode.read_bytes())
        meaning = {
            int(number, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
            for number, text in pairs
        }
        faces[str(key)] = Face(meaning, TTFont(BytesIO(file.read_bytes())))
    return faces


def glyphs_on(content: bytes) -> list[Glyph]:
    """Every glyph that the pages show, in the order of the strokes: from left to right."""
    shown = []
    with pikepdf.open(BytesIO(content)) as pdf:
        for page in pdf.pages:
            faces = faces_in(page)
            face: Face | None = None
            for each in pikepdf.parse_content_stream(page, "Tf TJ"):
                assert isinstance(each, pikepdf.ContentStreamInstruction)
                if str(each.operator) == "Tf":
                    face = faces[str(each.operands[0])]
                else:
                    assert face is not None
                    for part in each.operands[0].as_list():
                        if isinstance(part, pikepdf.String):
                            codes = bytes(part)
                            shown += [
                                face.glyph(int.from_bytes(codes[at : at + 2]))
                                for at in range(0, len(codes), 2)
                            ]
    return shown


@pytest.mark.parametrize("design", list(Design))
@pytest.mark.parametrize("script", list(NAMES))
def test_every_letter_of_a_name_has_a_glyph(
    typesetter: Typesetter, design: Design, script: str
) -> None:
    (content,) = typesetter.render([make_document(person_name=NAMES[script], design=design)])
    glyphs = glyphs_on(content)
    assert [glyph.number for glyph in glyphs if not glyph.number] == []
    visible = [glyph for glyph in glyphs if glyph.text.strip()]
    assert set(NAMES[script]) <= set("".join(glyph.text for glyph in glyphs))
    assert [glyph.text for glyph in visible if not glyph.drawn and len(glyph.text) == 1] == []


@pytest.mark.parametrize("script", ["Arabic", "Hebrew"])
def test_name_that_is_read_from_the_right_is_drawn_from_the_right(
    typesetter: Typesetter, script: str
) -> None:
    (content,) = typesetter.render([make_document(person_name=NAMES[script])])
    letters = set(NAMES[script]) - {" "}
    glyphs = glyphs_on(content)
    places = [place for place, glyph in enumerate(glyphs) if letters & set(glyph.text)]
    from_left = [glyph.text for glyph in glyphs[places[0] : places[-1] + 1]]
    assert "".join(reversed(from_left)) == NAMES[script]


def test_letters_that_no_font_has_are_named_and_not_printed(typesetter: Typesetter) -> None:
    unassigned = "\U000e1000\U000e1001"
    with pytest.raises(LettersMissing) as refused:
        typesetter.render([make_document(person_name=f"Aino {unassigned}")])
    assert str(refused.value) == (
        "certificate PR-2026-000123: no font has U+E1000, U+E1001; install fonts-noto-core and "
        "fonts-noto-cjk, or correct the text"
    )


def test_named_letters_are_a_few() -> None:
    assert named_letters("Ж") == "U+0416 CYRILLIC CAPITAL LETTER ZHE"
    assert named_letters("\U000e1000" * 12).endswith(", U+E1000 and 2 more")


def test_this_machine_has_a_font_for_every_script() -> None:
    assert missing_scripts() == {}


LACKING = """
from certificates.fonts import missing_scripts
from certificates.pdf import Typesetter
from certificates.refusals import LettersMissing
from tests.certificates.makers import make_document
print(sorted(missing_scripts().items()))
try:
    Typesetter().render([make_document(person_name="山田太郎")])
except LettersMissing as refused:
    print(refused)
"""


LACKED: Final = {
    "fonts-noto-cjk": ["Han", "Kana", "Hangul"],
    "fonts-noto-core": [
        "Arabic",
        "Hebrew",
        "Thai",
        "Devanagari",
        "Bengali",
        "Tamil",
        "Georgian",
        "Armenian",
        "Ethiopic",
        "Khmer",
    ],
}


def test_machine_without_fonts_says_which_package_to_install(tmp_path: Path) -> None:
    """As it is on a server where the fonts were not installed."""
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><cachedir>{tmp_path}</cachedir></fontconfig>")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LACKING],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "FONTCONFIG_FILE": str(config), "PYTHONPATH": os.getcwd()},
    )
    missing, refused = done.stdout.strip().splitlines()
    assert missing == str([(package, LACKED[package]) for package in sorted(LACKED)])
    assert refused == (
        "certificate PR-2026-000123: no font has U+592A CJK UNIFIED IDEOGRAPH-592A, U+5C71 CJK "
        "UNIFIED IDEOGRAPH-5C71, U+7530 CJK UNIFIED IDEOGRAPH-7530, U+90CE CJK UNIFIED "
        "IDEOGRAPH-90CE; install fonts-noto-core and fonts-noto-cjk, or correct the text"
    )
