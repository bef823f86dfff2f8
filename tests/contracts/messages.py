"""The messages of the source beside the catalogue of each language: what is missing or wrong.

``python -m tests.contracts.messages`` says what is; with ``--write`` it first brings every
``messages.po`` in line with the source: translations stay, new messages come in empty, messages
that the source no longer has go. English has no catalogue: its texts are the messages themselves.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po
from jinja2 import TemplateSyntaxError

from registration.i18n import FALLBACK, LANGUAGES

ROOT = Path(__file__).parents[2]
TRANSLATED = tuple(code for code in LANGUAGES if code != FALLBACK)
# The folder, the kinds of files in it, and Babel's way of reading them.
SOURCES = (
    ("registration", ("*.py",), "python"),
    ("templates", ("*.html", "*.txt"), "jinja2"),
)
# Migrations speak to nobody; the page of patterns shows components to whoever builds pages.
LEFT_OUT = ("registration/migrations/", "templates/patterns.html")
# As registration.templating reads them; a template that cannot be parsed is an error.
JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "no"}
HEADER = """\
# {language} messages of the registration service.
# Kept in line with the source by `make messages`.
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%%|%|\{\w*\}")


def source_messages(root: Path = ROOT) -> Catalog:
    """Every message of the source, each with the files and lines where it stands."""
    found = Catalog(fuzzy=False)
    for folder, patterns, method in SOURCES:
        files = (path for pattern in patterns for path in (root / folder).rglob(pattern))
        for path in sorted(files):
            name = path.relative_to(root).as_posix()
            if name.startswith(LEFT_OUT):
                continue
            for line, message in _messages_in(path, name, method):
                found.add(message, locations=[(name, line)])
    return found


def _messages_in(path: Path, name: str, method: str) -> list[tuple[int, str | tuple[str, ...]]]:
    options = JINJA if method == "jinja2" else {}
    try:
        found = extract_from_file(method, path, options=options)
    except TemplateSyntaxError as wrong:
        wrong.add_note(f"in {name}")  # Jinja was given the text only
        raise
    return [(line, message) for line, message, _comments, _context in found]


def catalogue_path(language: str, root: Path = ROOT) -> Path:
    return root / "registration" / "locale" / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(language: str, root: Path = ROOT) -> Catalog:
    """The catalogue of a language; an empty one where there is no file."""
    path = catalogue_path(language, root)
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as opened:
        return read_po(opened, locale=language, abort_invalid=True)


def faults(source: Catalog, catalogue: Catalog) -> list[str]:
    """What keeps a reader of this language from reading it all; empty if nothing does."""
    said = []
    for message in entries(source):
        found = catalogue.get(_key(message))
        if found is None:
            said.append(f"missing: {_key(message)!r} ({_place(message)})")
        else:
            said += [f"{fault}: {_key(message)!r}" for fault in _wrong(message, found, catalogue)]
    known = {_key(message) for message in entries(source)}
    said += [
        f"not in the source: {_key(message)!r}"
        for message in entries(catalogue)
        if _key(message) not in known
    ]
    return said


def _wrong(message: Message, found: Message, catalogue: Catalog) -> Iterator[str]:
    wanted = _forms(message.id)
    given = _forms(found.string)
    if found.fuzzy:
        yield "marked fuzzy, so it is not shown"
    if _forms(found.id) != wanted:
        yield "other plural than in the source"
        return
    if len(given) != (catalogue.num_plurals if message.pluralizable else 1):
        yield "wrong number of plural forms"
        return
    for text, model in zip(given, wanted, strict=False):
        if not text:
            yield "not translated"
        elif set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(model)):
            yield "other placeholders than in the source"


def in_line(source: Catalog, catalogue: Catalog) -> Catalog:
    """A catalogue with exactly the source's messages, and of the old one's texts those that fit."""
    made = Catalog(locale=catalogue.locale, fuzzy=False)
    for message in entries(source):
        found = catalogue.get(_key(message))
        if found is not None and _forms(found.id) == _forms(message.id):
            made.add(message.id, found.string)
        else:
            made.add(message.id)
    return made


def as_file(catalogue: Catalog) -> bytes:
    """The catalogue as it stands in its file: sorted, without places, dates or the tool's version,
    so that diffs are small."""
    locale = catalogue.locale
    header = HEADER.format(
        language=locale.english_name if locale else "",
        code=locale or "",
        plural=catalogue.plural_forms,
    )
    written = BytesIO()
    write_po(written, catalogue, width=100, no_location=True, omit_header=True, sort_output=True)
    return header.encode() + written.getvalue().rstrip() + b"\n"


def write_catalogues(root: Path = ROOT) -> None:
    """Brings every catalogue in line with the source below ``root``."""
    source = source_messages(root)
    for language in TRANSLATED:
        path = catalogue_path(language, root)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_file(in_line(source, read_catalogue(language, root))))


def entries(catalogue: Catalog) -> Iterator[Message]:
    """The messages without the header."""
    return (message for message in catalogue if message.id)


def _key(message: Message) -> str:
    return _forms(message.id)[0]


def _forms(texts: str | Sequence[str] | None) -> tuple[str, ...]:
    return (texts or "",) if texts is None or isinstance(texts, str) else tuple(texts)


def _place(message: Message) -> str:
    return ", ".join(f"{name}:{line}" for name, line in message.locations)


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--write", action="store_true", help="bring the catalogues in line first")
    if asked.parse_args().write:
        write_catalogues()
    source = source_messages()
    found = [
        f"{language}: {fault}"
        for language in TRANSLATED
        for fault in faults(source, read_catalogue(language))
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
