"""A list on its page: rows answered one by one, read anew, sent back; what is never kept."""

from __future__ import annotations

import csv
import io

import httpx
import pytest
from python_calamine import load_workbook

from registration.enrolment.enrolling import STEP
from registration.enrolment.models import Place, Upload
from registration.people.models import Person, Suggestion
from registration.settings import Settings
from tests.enrolment.imports.files import excel, text
from tests.web.company.conftest import Office, figures, words
from tests.web.company.test_lists import came_to, figured

HEAD = ["First name", "Last name", "E-mail", "Phone"]
AINO = ["Aino", "Virtanen", "aino@example.fi", ""]
BO = ["Bo", "Ek", "bo@example.fi", "040 123 4567"]
MARKS = ("xyzzydiet", "131052-308T", "xyzzyremark")


def listed(*rows: list[str]) -> bytes:
    return text([HEAD, *rows])


async def answer(office: Office, path: str, **given: str | int) -> httpx.Response:
    await office.coordinator.post(f"{path}/rows", data={k: str(v) for k, v in given.items()})
    return await office.coordinator.get(path)


def stored(settings: Settings) -> bytes:
    """Every byte of the installation's folder: databases, journals and whatever else."""
    files = [path for path in sorted(settings.data.rglob("*")) if path.is_file()]
    return b"".join(path.read_bytes() for path in files)


@pytest.mark.promise("P5")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_diets_identity_codes_and_remarks_reach_no_store(
    office: Office, settings: Settings, kind: str
) -> None:
    diet, code, remark = MARKS
    rows = [
        [*HEAD, "Ruokavalio", "Hetu", "Lisätietoja", "Osasto"],
        [*AINO, diet, code, f"{remark} ja jotain muuta", "Varikko"],
        ["Cai", "Dahl", "", "", diet, code, remark, "Halli"],
        ["", f"Matti {code}", "matti@example.fi", "", "", "", "", ""],
    ]
    content = excel(rows) if kind == "xlsx" else text(rows)
    path = await office.upload(content, f"people.{kind}")
    page = await office.coordinator.get(path)
    said = [one.partition(":")[0] for one in words(page, ".banner p") if one.startswith("Column")]
    assert said == ["Column E, Ruokavalio", "Column F, Hetu", "Column G, Lisätietoja"]
    assert figures(page) == figured(1, 2)
    seen = [page.text, stored(settings).decode("latin-1")]
    for name in ("errors.csv", "errors.xlsx"):
        sent = await office.coordinator.get(f"{path}/{name}")
        rows_back = _rows(sent.content)
        assert rows_back[0][:8] == [*HEAD, "Ruokavalio", "Hetu", "Lisätietoja", "Osasto"]
        assert rows_back[1][:8] == ["Cai", "Dahl", "", "", "", "", "", "Halli"]
        seen.append(str(rows_back))
    await office.coordinator.post(f"{path}/enrol", data={})
    seen.append((await office.coordinator.get(path)).text)
    seen.append(stored(settings).decode("latin-1"))
    assert [mark for mark in MARKS for one in seen if mark in one] == []
    row = await Upload.get(id=path.rpartition("/")[2])
    assert row.kept is None


def _rows(content: bytes) -> list[list[str]]:
    if content.startswith(b"PK"):
        return [
            [str(cell) for cell in row]
            for row in load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        ]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.promise("P6")
@pytest.mark.parametrize("name", ["errors.csv", "errors.xlsx"])
@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("en", "Why this row was left out"),
        ("fi", "Miksi tämä rivi jätettiin pois"),
        ("sv", "Varför den här raden lämnades bort"),
    ],
)
async def test_rows_that_were_left_out_come_back_mended(
    office: Office, name: str, language: str, heading: str
) -> None:
    rows = [
        [*HEAD, "Dept"],
        [*AINO, "1"],
        ["Cai", "Dahl", "", "+358 40 123 4567", "=2"],
        ["Dan", "=Fors", "dan@example.fi", "", "@3"],
    ]
    path = await office.upload(text(rows))
    await office.coordinator.post(f"{path}/enrol", data={})
    sent = await office.coordinator.get(f"{path}/{name}?lang={language}")
    assert sent.headers["content-disposition"] == f'attachment; filename="{name}"'
    back = _rows(sent.content)
    assert [row[:5] for row in back] == [
        [*HEAD, "Dept"],
        ["Cai", "Dahl", "", "'+358 40 123 4567", "'=2"],
        ["Dan", "'=Fors", "dan@example.fi", "", "'@3"],
    ]
    assert (back[0][5], "" in [row[5] for row in back]) == (heading, False)
    back[1][2], back[2][1] = "cai@example.fi", "Fors"
    mended = excel(back) if name == "errors.xlsx" else text(back, encoding="utf-8-sig")
    again = await office.upload(mended, name)
    page = await office.coordinator.get(again)
    assert figures(page) == figured(2)
    assert words(page, "#columns .tag") == [f"{one} → {one}" for one in HEAD]
    await office.coordinator.post(f"{again}/enrol", data={})
    assert await Place.all().count() == 3
    assert (await Person.get(email="cai@example.fi")).phone == "+358401234567"


async def test_twelve_at_one_address_are_confirmed_by_one_click(office: Office) -> None:
    names = [
        "Aino", "Bo", "Cai", "Dan", "Eva", "Finn", "Greta", "Hanna", "Ilse", "Jari", "Kai", "Lea",
    ]  # fmt: skip
    path = await office.upload(listed(*([one, f"{one}son", "info@firma.fi", ""] for one in names)))
    page = await office.coordinator.get(path)
    assert figures(page) == figured(1, 11)
    assert words(page, "form.actions button") == ["11 share an address: that is right"]
    await office.coordinator.post(f"{path}/proposals", data={"kind": "shared_address"})
    assert figures(await office.coordinator.get(path)) == figured(12)
    await office.coordinator.post(f"{path}/enrol", data={})
    people = await Person.filter(email="info@firma.fi").values_list("first_name", flat=True)
    assert sorted(map(str, people)) == names
    again = await office.upload(
        listed(*([one, f"{one}son", "info@firma.fi", ""] for one in names[::-1]))
    )
    assert figures(await office.coordinator.get(again)) == figured(1, 11, already=1)


async def test_rows_are_accepted_one_by_one_each_by_its_button(office: Office) -> None:
    path = await office.upload(
        listed(
            AINO,
            ["Cai", "Dahl", "cai @example.fi", ""],
            ["Dan", "Fors", "dan(at)example.fi", ""],
            ["Eva", "Holm", "", ""],
        )
    )
    page = await office.coordinator.get(path)
    assert words(page, "#answer .panel .button-quiet") == [
        "Use “cai@example.fi”",
        "Use “dan@example.fi”",
        "Save",
    ]
    assert words(page, "#answer .field-help") == [
        "In the file: “cai @example.fi”",
        "In the file: “dan(at)example.fi”",
    ]
    page = await answer(office, path, agree=3)
    assert figures(page) == figured(2, 2)
    page = await answer(office, path, out=5)
    assert figures(page) == figured(2, 1, 1)
    page = await answer(office, path, out=2, page=1)
    assert figures(page) == figured(1, 1, 2)
    assert words(page, "#left tbody td:nth-of-type(2)") == ["You left it out."] * 2
    page = await answer(office, path, **{"in": 2})
    assert figures(page) == figured(2, 1, 1)
    page = await answer(office, path, **{"row": "4", "4.email": "d@example.fi"})
    assert figures(page) == figured(3, 0, 1)


async def test_what_was_typed_in_other_rows_is_kept_by_a_click_in_one(office: Office) -> None:
    path = await office.upload(
        listed(["Cai", "Dahl", "cai @example.fi", ""], ["Eva", "Holm", "", ""])
    )
    sent = {
        "row": ["2", "3"],
        "2.email": "cai@example.fi",
        "3.email": "eva@example.fi",
        "agree": "2",
    }
    await office.coordinator.post(f"{path}/rows", data=sent)
    assert figures(await office.coordinator.get(path)) == figured(2)


async def test_skipped_rows_can_be_taken_along(office: Office) -> None:
    path = await office.upload(listed(AINO, ["aino", "VIRTANEN", "Aino@Example.fi", ""], ["Halli"]))
    page = await office.coordinator.get(path)
    assert figures(page) == figured(1, 0, 2)
    page = await answer(office, path, **{"in": 3})
    assert figures(page) == figured(1, 1, 1)
    assert words(page, "#answer .field-error") == [
        "B, Last name: This may be Aino Virtanen on row 2 once more. Leave the row out, or "
        "confirm that it is somebody else."
    ]
    page = await answer(office, path, **{"in": 4})
    assert figures(page) == figured(1, 2, 0)


@pytest.mark.promise("P11")
async def test_changed_name_is_the_same_person_if_the_company_says_so(office: Office) -> None:
    first = await office.upload(listed(AINO))
    await office.coordinator.post(f"{first}/enrol", data={})
    (aino,) = await Person.all()
    changed = ["Aino", "Laine", "aino@example.fi", "050 765 4321"]
    path = await office.upload(listed(changed, BO))
    assert figures(await office.coordinator.get(path)) == figured(1, 1)
    page = await answer(office, path, same=2)
    assert figures(page) == figured(2, already=1)
    page = await answer(office, path, other=2)
    assert figures(page) == figured(2)
    page = await answer(office, path, same=2)
    assert words(page, "#ready th .quiet") == ["Enrolled as Aino Virtanen"]
    await office.coordinator.post(f"{path}/enrol", data={})
    assert figures(await office.coordinator.get(path)) == came_to(1, already=1)
    people = await Person.all().order_by("first_name").values_list("first_name", "last_name")
    assert list(people) == [("Aino", "Virtanen"), ("Bo", "Ek")]
    suggested = await Suggestion.filter(person_id=aino.id).values_list("field", "value")
    assert list(suggested) == [("last_name", "Laine")]
    again = await office.upload(listed(changed, BO, ["Cai", "Dahl", "cai@example.fi", ""]))
    page = await office.coordinator.get(again)
    assert figures(page) == figured(3, already=2)
    assert words(page, "#notes td:nth-of-type(2)") == [
        "Enrolled as Aino Virtanen, as you said before: the new name waits for their yes."
    ]


async def test_somebody_else_at_a_known_address_is_a_person_of_their_own(office: Office) -> None:
    first = await office.upload(listed(AINO))
    await office.coordinator.post(f"{first}/enrol", data={})
    path = await office.upload(listed(["Antti", "Laine", "aino@example.fi", ""]))
    await answer(office, path, other=2)
    await office.coordinator.post(f"{path}/enrol", data={})
    assert await Person.filter(email="aino@example.fi").count() == 2
    again = await office.upload(listed(["Antti", "Laine", "aino@example.fi", ""], AINO))
    page = await office.coordinator.get(again)
    assert figures(page) == figured(1, 1, already=1)
    assert words(page, "#answer .field-error") == [
        "C, E-mail: Antti Laine on row 2 has the same e-mail address. Confirm that they share it, "
        "or correct it."
    ]


async def test_own_person_with_a_new_address_is_noted(office: Office) -> None:
    first = await office.upload(listed(AINO))
    await office.coordinator.post(f"{first}/enrol", data={})
    path = await office.upload(listed(["Aino", "Virtanen", "a.virtanen@example.fi", ""]))
    page = await office.coordinator.get(path)
    assert figures(page) == figured(1)
    assert len(words(page, "#notes tbody tr")) == 1
    other = await office.send(
        listed(["Aino", "Virtanen", "a.virtanen@example.fi", ""]), by=office.stranger
    )
    seen = await office.stranger.get(other.headers["location"])
    assert (figures(seen), words(seen, "#notes tbody tr")) == (figured(1), [])


async def test_strangers_and_unknown_look_alike_in_the_preview(office: Office) -> None:
    first = await office.upload(listed(AINO))
    await office.coordinator.post(f"{first}/enrol", data={})
    shown = []
    for row in (
        AINO,
        ["Anja", "Virtanen", "aino@example.fi", ""],
        ["Nobody", "Known", "n@x.fi", ""],
    ):
        sent = await office.send(listed(row), by=office.stranger)
        page = await office.stranger.get(sent.headers["location"])
        shown.append((figures(page), words(page, "#enrol-title"), words(page, "#notes, #answer")))
    assert shown == [(figured(1), ["Enrol 1 person"], [])] * 3


async def test_sheet_heading_row_and_columns_are_chosen_without_a_new_upload(
    office: Office,
) -> None:
    content = excel(
        [["Old list"], HEAD, AINO],
        [
            ["who", "what", "where"],
            ["Ek", "Bo", "bo@example.fi"],
            ["Dahl", "Cai", "cai@example.fi"],
        ],
        [["nothing here"]],
        names=["Now", "Then", "Help"],
    )
    path = await office.upload(content, "people.xlsx")
    page = await office.coordinator.get(path)
    assert words(page, ".banner-title") == ["There are people on more than one sheet"]
    assert words(page, "select[name=sheet] option") == [
        "Now: 1 with an e-mail address",
        "Then: 2 with an e-mail address",
    ]
    assert "Sheets without people were not kept: Help." in page.text
    assert words(page, "select[name=header-row] option")[:3] == [
        "There are no headings",
        "Row 1: Old list",
        "Row 2: First name · Last name · E-mail · Phone",
    ]
    await office.coordinator.post(f"{path}/columns", data={"sheet": "Then", "sheet-before": "Now"})
    page = await office.coordinator.get(path)
    assert words(page, ".banner-title")[0] == "Say which column is which"
    columns = {"column-0": "last_name", "column-1": "first_name", "column-2": "email"}
    chosen = {"sheet": "Then", "sheet-before": "Then", "header-row": "1", "header-row-before": "1"}
    await office.coordinator.post(f"{path}/columns", data=chosen | columns)
    page = await office.coordinator.get(path)
    assert words(page, "#ready tbody th") == ["Bo Ek", "Cai Dahl"]
    other = chosen | {"header-row": "2", "header-row-before": "1"}
    await office.coordinator.post(f"{path}/columns", data=other)
    page = await office.coordinator.get(path)
    assert "The headings are on row 2." in page.text
    wrong = await office.coordinator.post(f"{path}/columns", data={"sheet": "Gone"})
    assert (wrong.status_code, "There is no sheet named Gone" in wrong.text) == (422, True)


async def test_long_lists_are_paged_part_by_part(office: Office) -> None:
    rows = [
        [
            f"Aino{'abcdefghij'[n // 10 % 10]}",
            f"V{'abcdefghij'[n % 10]}{'abc'[n // 100]}",
            f"a{n}@example.fi",
            "",
        ]
        for n in range(230)
    ]
    rows += [[f"Cai{'abcdefghij'[n % 10]}", f"D{'abc'[n // 10]}", "", ""] for n in range(30)]
    path = await office.upload(listed(*rows))
    page = await office.coordinator.get(path)
    assert figures(page) == figured(230, 30)
    assert (len(words(page, "#ready tbody tr")), len(words(page, "#answer .panel"))) == (100, 25)
    assert words(page, ".pager .num") == ["1 to 25 of 30", "1 to 100 of 230"]
    second = await office.coordinator.get(f"{path}?page=3&asked=2")
    assert words(second, ".pager .num") == ["26 to 30 of 30", "201 to 230 of 230"]


async def test_progress_is_shown_without_script_and_survives_a_reload(office: Office) -> None:
    letters = "abcdefghij"
    rows = [
        [
            f"A{letters[n // 10 % 10]}{letters[n % 10]}",
            f"V{letters[n // 100]}",
            f"a{n}@example.fi",
            "",
        ]
        for n in range(STEP + 20)
    ]
    path = await office.upload(listed(*rows))
    row = Upload.filter(id=path.rpartition("/")[2])
    await row.update(state="enrolling", total=STEP + 20, done=STEP, enrolled=STEP - 1)
    for _reload in range(2):
        page = await office.coordinator.get(path)
        assert words(page, "h1") == ["The list is being enrolled"]
        assert f'<progress value="{STEP}" max="{STEP + 20}"' in page.text
        assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page.text
        assert words(page, "[data-follow] > p") == [f"{STEP - 1} people have a place so far."]
    home = await office.coordinator.get("/company")
    assert "people.csv" in home.text
    for verb in ("rows", "proposals", "columns", "enrol", "discard"):
        sent = await office.coordinator.post(f"{path}/{verb}", data={})
        assert (sent.status_code, sent.headers["location"]) == (303, path)
    assert await Upload.all().count() == 1


async def test_macros_formulas_and_links_are_read_over(office: Office) -> None:
    path = await office.upload(
        excel([HEAD, ["Aino", "Virtanen", '=HYPERLINK("http://x.example","aino@example.fi")', ""]]),
        "people.xlsm",
    )
    page = await office.coordinator.get(path)
    assert "x.example" not in page.text
    assert figures(page) == figured(0, 1)
