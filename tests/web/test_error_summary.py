"""The summary above a form names the fields that it speaks of, as the form does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
FORM = TEMPLATES / "components" / "form.html"
NAMED = re.compile(r'^  "(\w+)": _\("([^"]+)"\),$', re.MULTILINE)
MACROS = "field|textarea|select|checkboxes|radios|date_field|time_field|datetime_field|file"
FIELD = re.compile(rf'\b(?:{MACROS})\([\w.]*form, "(\w+)", _\("([^"]+)"\)')
FORMS = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for path in TEMPLATES.rglob("*.html")
    if "error_summary(" in path.read_text() and path.name not in {"patterns.html", FORM.name}
)
# What a field is for says more where it stands than its name does in the summary.
SHORTER = {
    "code": "Code",
    "company": "Company",
    "file": "File",
    "language": "Language",
    "name": "Name",
    "nda_on": "Non-disclosure agreement signed on",
    "reason": "Reason",
    "street": "Street address",
    "text": "Names and grades",
}


@pytest.mark.parametrize("name", FORMS)
def test_each_field_of_a_form_has_its_name_in_the_summary(name: str) -> None:
    names = dict(NAMED.findall(FORM.read_text()))
    fields = dict(FIELD.findall((TEMPLATES / name).read_text()))
    labels = {field: SHORTER.get(field, label) for field, label in fields.items()}
    assert {field: names.get(field) for field in labels} == labels
