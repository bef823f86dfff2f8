"""The last touch before a file is written: what it says of itself, the place of its signature, and
its streams packed once."""

import zlib
from functools import lru_cache
from typing import Final

import pydyf

from certificates.xmp import declare_accessible

# Higher levels take twice as long and save a hundredth.
_LEVEL: Final = 6
# Fonts and colour profiles come again in the next file; a page's own strokes do not.
_SHARED: Final = 2_500


# The name that ``signature`` looks for.
FIELD: Final = "Seal"
# ISO 19005-3, 6.3.2, wants it to be printed; and it stays where it is.
_PRINTED_AND_LOCKED: Final = 4 + 128


def finish(document: object, pdf: pydyf.PDF, *, seal: str) -> None:
    """WeasyPrint calls it with its document and the file's objects; ``seal`` is what a screen
    reader says of the signature."""
    declare_accessible(document, pdf)
    _place_seal(pdf, seal)
    for item in pdf.objects:
        if isinstance(item, pydyf.Stream) and item.compress:
            _pack(item)


def _place_seal(pdf: pydyf.PDF, name: str) -> None:
    """An empty signature field without a size, inside the structure: ISO 14289-1, 7.18.4, wants
    every field there, and once the file is signed it is too late."""
    page = pdf.objects[pdf.pages["Kids"][0]]
    root = _target(pdf, pdf.catalog["StructTreeRoot"])
    places = _target(pdf, root["ParentTree"])["Nums"]
    whole = _target(pdf, root["K"][0])
    field = _added(
        pdf,
        Type="/Annot",
        Subtype="/Widget",
        FT="/Sig",
        T=pydyf.String(FIELD),
        TU=pydyf.String(name),
        F=_PRINTED_AND_LOCKED,
        Rect=pydyf.Array([0, 0, 0, 0]),
        P=page.reference,
        StructParent=len(places) // 2,
    )
    link = _added(pdf, Type="/OBJR", Obj=field.reference, Pg=page.reference)
    element = _added(
        pdf,
        Type="/StructElem",
        S="/Form",
        K=pydyf.Array([link.reference]),
        Pg=page.reference,
        P=whole.reference,
    )
    places.extend([len(places) // 2, element.reference])
    whole["K"].append(element.reference)
    page.setdefault("Annots", pydyf.Array()).append(field.reference)
    fields = pydyf.Array([field.reference])
    pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": fields, "SigFlags": 3})


def _target(pdf: pydyf.PDF, reference: bytes) -> pydyf.Dictionary:
    return pdf.objects[int(reference.split()[0])]


def _added(pdf: pydyf.PDF, **values: object) -> pydyf.Dictionary:
    made = pydyf.Dictionary(values)
    pdf.add_object(made)
    return made


def _pack(stream: pydyf.Stream) -> None:
    """pydyf packs a stream whenever it is asked for its bytes: twice, for it also reads all of
    them to make the file's identifier."""
    content = b"\n".join(_bytes(part) for part in stream.stream)
    packed = _packed(content) if len(content) > _SHARED else zlib.compress(content, _LEVEL)
    stream.stream = [packed]
    stream.extra = {**stream.extra, "Filter": "/FlateDecode"}
    stream.compress = False


@lru_cache(maxsize=64)
def _packed(content: bytes) -> bytes:
    return zlib.compress(content, _LEVEL)


def _bytes(part: object) -> bytes:
    if isinstance(part, bytes):
        return part
    if isinstance(part, pydyf.Object):
        return bytes(part.data)
    # PDF knows no exponents.
    return f"{part:f}".encode() if isinstance(part, float) else str(part).encode()
