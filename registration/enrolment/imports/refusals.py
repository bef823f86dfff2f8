"""Why a whole file cannot be read; each says what the person can do about it."""

from __future__ import annotations

from registration.errors import Invalid
from registration.i18n import N_


class EmptyFile(Invalid):
    message = N_("The file is empty. Choose another file.")


class FileTooLarge(Invalid):
    message = N_("The file is larger than {limit}. Split the list into smaller files.")


class ExpandsTooMuch(Invalid):
    message = N_(
        "The file unpacks to more than {limit}. "
        "Copy the list into a new workbook, save that and choose it."
    )


class TooManyRows(Invalid):
    message = N_("There are more than {limit} rows. Split the list into smaller files.")


class TooManyColumns(Invalid):
    message = N_("There are more than {limit} columns. Keep only the columns that are needed.")


class CellTooLong(Invalid):
    message = N_(
        "A cell on row {row} holds more than {limit} characters. Shorten it and choose the file "
        "again."
    )


class ProtectedFile(Invalid):
    message = N_("The file is protected. Remove the password and choose the file again.")


class DamagedFile(Invalid):
    message = N_(
        "The file is damaged. Open it in your spreadsheet program, save it again as XLSX "
        "and choose the new file."
    )


class UnsafeFile(Invalid):
    message = N_(
        "The file contains definitions that spreadsheets do not need. "
        "Save it again as XLSX and choose the new file."
    )


class PictureFile(Invalid):
    message = N_("This is a picture, not a spreadsheet. Choose an XLSX, ODS, XLS or CSV file.")


class DocumentFile(Invalid):
    message = N_(
        "This is a {kind} document, not a spreadsheet. Copy the list into a spreadsheet and "
        "choose that."
    )


class UnsupportedFile(Invalid):
    message = N_("This kind of file cannot be read. Save the list as XLSX, ODS, XLS or CSV.")


class UnreadableText(Invalid):
    message = N_(
        "The letters in the file cannot be read. Save it as XLSX, or as CSV in UTF-8, "
        "and choose the new file."
    )


class UnclosedQuote(Invalid):
    message = N_(
        "A quotation mark on row {row} is never closed. Remove it or close it, and choose the "
        "file again."
    )


class NoSuchSheet(Invalid):
    message = N_("There is no sheet named {name} in the file. Choose one of its sheets.")
