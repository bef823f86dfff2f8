"""Which scripts the fonts of this machine can write: asked of fontconfig, without loading one."""

import ctypes
import ctypes.util
import unicodedata
from typing import Final

# Letters that a font for the script surely has, and the Debian package that brings one.
SCRIPTS: Final = {
    "Arabic": ("محمد", "fonts-noto-core"),
    "Hebrew": ("משה", "fonts-noto-core"),
    "Thai": ("สมชาย", "fonts-noto-core"),
    "Devanagari": ("अमित", "fonts-noto-core"),
    "Bengali": ("রহিম", "fonts-noto-core"),
    "Tamil": ("குமார்", "fonts-noto-core"),
    "Georgian": ("გიორგი", "fonts-noto-core"),
    "Armenian": ("Արամ", "fonts-noto-core"),
    "Ethiopic": ("አበበ", "fonts-noto-core"),
    "Khmer": ("សុខា", "fonts-noto-core"),
    "Han": ("山田太郎", "fonts-noto-cjk"),
    "Kana": ("さくらサクラ", "fonts-noto-cjk"),
    "Hangul": ("김민준", "fonts-noto-cjk"),
}
_SHOWN: Final = 10


class _FontSet(ctypes.Structure):
    _fields_ = (
        ("nfont", ctypes.c_int),
        ("sfont", ctypes.c_int),
        ("fonts", ctypes.c_void_p),
    )


def missing_scripts() -> dict[str, list[str]]:
    """The scripts that no font here can write, by the Debian package that would bring one.

    Empty too where fontconfig is not found: printing will say so.
    """
    name = ctypes.util.find_library("fontconfig")
    if name is None:
        return {}
    library = _declared(ctypes.CDLL(name))
    config = library.FcInitLoadConfigAndFonts()
    missing: dict[str, list[str]] = {}
    try:
        for script, (letters, package) in SCRIPTS.items():
            if not _any_font(library, config, letters):
                missing.setdefault(package, []).append(script)
        return missing
    finally:
        library.FcConfigDestroy(config)


def named_letters(letters: str) -> str:
    """``U+1F600 GRINNING FACE``, a few of them."""
    named = [f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".strip() for letter in letters]
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    return ", ".join(named[:_SHOWN]) + more


def _declared(library: ctypes.CDLL) -> ctypes.CDLL:
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("FcInitLoadConfigAndFonts", pointer, ()),
        ("FcConfigDestroy", None, (pointer,)),
        ("FcPatternCreate", pointer, ()),
        ("FcPatternDestroy", None, (pointer,)),
        ("FcCharSetCreate", pointer, ()),
        ("FcCharSetAddChar", ctypes.c_int, (pointer, ctypes.c_uint32)),
        ("FcCharSetDestroy", None, (pointer,)),
        ("FcPatternAddCharSet", ctypes.c_int, (pointer, ctypes.c_char_p, pointer)),
        ("FcObjectSetCreate", pointer, ()),
        ("FcObjectSetDestroy", None, (pointer,)),
        ("FcFontList", ctypes.POINTER(_FontSet), (pointer, pointer, pointer)),
        ("FcFontSetDestroy", None, (ctypes.POINTER(_FontSet),)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _any_font(library: ctypes.CDLL, config: int, letters: str) -> bool:
    """Whether some font has all of the letters."""
    pattern, charset = library.FcPatternCreate(), library.FcCharSetCreate()
    wanted = library.FcObjectSetCreate()
    for letter in letters:
        library.FcCharSetAddChar(charset, ord(letter))
    library.FcPatternAddCharSet(pattern, b"charset", charset)
    found = library.FcFontList(config, pattern, wanted)
    try:
        return bool(found.contents.nfont)
    finally:
        library.FcFontSetDestroy(found)
        library.FcObjectSetDestroy(wanted)
        library.FcCharSetDestroy(charset)
        library.FcPatternDestroy(pattern)
