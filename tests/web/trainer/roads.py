"""Every road by which something can reach a trainer, walked; and what came along it, as text."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from tempfile import NamedTemporaryFile
from uuid import UUID, uuid4
from zipfile import ZipFile

import httpx
import orjson
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from starlette.applications import Starlette

from registration.accounts.rules import Role
from registration.app import route_table
from registration.mail.models import Mail
from registration.teaching.rules import PackFormat, PackPurpose
from tests.conftest import browser

# Logging out would end the walk, and so would an end of one's own login or token.
NOT_WALKED = re.compile(r"/(logout|login|me|tokens|dev|staff/|company|brand|metrics)")
# What changes whether the trainer sees a session at all comes after everything else.
LAST = ("/decline", "/final", "/lock", "/accept")
MOST_PAGES = 300
TRAINERS = re.compile(r"^(/api/v1/teaching|/trainer)")


@dataclass(slots=True)
class Roads:
    """What came along each road, by a name that says which; pages, files and mails unpacked."""

    found: dict[str, str] = field(default_factory=dict)

    def keep(self, road: str, answer: httpx.Response) -> httpx.Response:
        said = [str(answer.url), str(answer.status_code), str(answer.headers)]
        self.found[f"{road} {answer.status_code}"] = "\n".join([*said, *texts_in(answer.content)])
        return answer

    def with_any(self, words: Iterable[str]) -> dict[str, list[str]]:
        """The roads along which one of the words came, and which."""
        wanted = list(words)
        seen = {
            road: [word for word in wanted if word.casefold() in text.casefold()]
            for road, text in self.found.items()
        }
        return {road: words for road, words in seen.items() if words}


def texts_in(content: bytes) -> Iterator[str]:
    """The content as text: a spreadsheet's parts unzipped, a PDF's streams read, its words and all
    that is beside them, what is inside what was attached too."""
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name
                yield from texts_in(packed.read(name))
    elif content.startswith(b"%PDF-"):
        words = ["pdftotext", "-layout", "-", "-"]
        yield subprocess.run(words, input=content, capture_output=True, check=True).stdout.decode()
        reader = PdfReader(BytesIO(content))
        yield str(reader.metadata)
        for page in reader.pages:
            yield str(page.get("/Annots", ""))
        for files in reader.attachments.values():
            for inside in files:
                yield from texts_in(inside)
        with NamedTemporaryFile(suffix=".pdf") as file:
            file.write(content)
            file.flush()
            loose = ["qpdf", "--qdf", "--object-streams=disable", file.name, "-"]
            read = subprocess.run(loose, capture_output=True, check=True).stdout
        yield read.decode("latin-1")
    else:
        yield content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Way:
    """The trainer's browser and program, and the ids of what they ask about."""

    app: Starlette
    page: httpx.AsyncClient
    token: str
    account_id: UUID
    sessions: tuple[UUID, ...]
    places: tuple[UUID, ...]
    packs: tuple[UUID, ...] = ()


async def walk(way: Way, *, looking_for: Iterable[str] = (), own: bool = False) -> Roads:
    """All of it: links, every route with every id, packs, searches, errors, writes and mails.
    ``own``: a trainer's own routes alone, in one language, and nothing is accepted."""
    roads = Roads()
    async with browser(way.app) as program:
        program.headers["Authorization"] = f"Bearer {way.token}"
        for language in ("en",) if own else ("fi", "sv", "en"):
            await _follow(roads, way.page, f"/trainer?lang={language}")
        await _ask(roads, way, program, own=own)
        await _take(roads, way, program)
        for words in looking_for:
            for path in ("/", "/trainer", "/trainer/packs", f"/trainer/sessions/{way.sessions[0]}"):
                answer = await way.page.get(path, params={"q": words, "name": words})
                roads.found[f"search {path} for {words}"] = answer.text.replace(words, "")
        await _write(roads, way, program, own=own)
    for mail in await Mail.filter(account_id=way.account_id):
        parts = (mail.subject, mail.body_text, mail.body_html, mail.calendar)
        roads.found[f"mail {mail.template} {mail.id}"] = "\n".join(parts)
    return roads


async def _follow(roads: Roads, client: httpx.AsyncClient, start: str) -> None:
    """Every page and file of this site that links lead to."""
    waiting, seen = [start], set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen or NOT_WALKED.match(path) or "view=calendar" in path:
            continue
        seen.add(path)
        assert len(seen) < MOST_PAGES, "the walk does not end"
        answer = roads.keep(f"link {path}", await client.get(path))
        if "text/html" in answer.headers.get("content-type", ""):
            for link in HTMLParser(answer.text).css("a[href], link[href], form[action]"):
                target = str(link.attributes.get("href") or link.attributes.get("action") or "")
                if target.startswith("/") and not target.startswith("/static"):
                    waiting.append(target.partition("#")[0])


def addresses(path: str, way: Way) -> list[str]:
    """The route with each id that it may be about."""
    found = [path]
    for name, values in (
        ("{place}", way.places),
        ("{enrolment}", way.places),
        ("{id}", (*way.sessions, *way.places[:1], *way.packs, uuid4())),
    ):
        found = (
            [
                each.replace(name, str(value), 1)
                for each in found
                for value in values or ("nothing",)
            ]
            if name in path
            else found
        )
    filled = [re.sub(r"\{(purpose)\}", "certificate", each) for each in found]
    filled = [each.replace("{format}", "csv") for each in filled]
    return list(dict.fromkeys(re.sub(r"\{[a-z_]+\}", "nothing", each) for each in filled))


async def _ask(roads: Roads, way: Way, program: httpx.AsyncClient, *, own: bool) -> None:
    """Every GET there is, as a trainer: what is theirs, what is not, and what is nobody's."""
    for row in route_table():
        if "GET" not in row.methods or NOT_WALKED.match(row.path):
            continue
        if row.granted(Role.TRAINER) is None and "{id}" not in row.path:
            continue
        if own and not TRAINERS.search(row.path):
            continue
        for path in addresses(row.path, way):
            client = program if row.api else way.page
            roads.keep(f"GET {path}", await client.get(path))
    roads.keep("GET nowhere", await way.page.get(f"/trainer/{uuid4()}"))
    roads.keep("GET staff", await way.page.get("/staff"))
    roads.keep("DELETE", await way.page.delete(f"/trainer/sessions/{way.sessions[0]}"))


async def _take(roads: Roads, way: Way, program: httpx.AsyncClient) -> None:
    for session in way.sessions:
        for purpose in PackPurpose:
            for format in PackFormat:
                page = f"/trainer/sessions/{session}/packs/{purpose}.{format}"
                roads.keep(f"pack {page}", await way.page.get(page))
                api = f"/api/v1/teaching/sessions/{session}/packs/{purpose}?format={format}"
                roads.keep(f"pack {api}", await program.get(api))


def bodies(way: Way) -> Mapping[str, dict[str, object]]:
    """What is sent to every route that takes something: nothing, nonsense, a conflict, a wrong
    value for each person; as a form and as JSON."""
    form: dict[str, object] = {"grades": "Nobody Here\t77\nHidde\t3", "do": "read"}
    for at, place in enumerate(way.places):
        form |= {f"p{at}": str(place), f"v{at}": "0", f"w{at}": "", f"g{at}": "99", f"r{at}": "yes"}
    rows = [
        {"enrolment": str(place), "grade": "99", "attendance": {"1999-01-01": True}}
        for place in way.places
    ]
    return {
        "nothing": {},
        "nonsense": {"because": "x", "place": "y", "day": "z", "outcomes": [{"grade": {}}]},
        "stale": form | {"v0": "77"},
        "wrong": form | {"outcomes": rows},
    }


async def _write(roads: Roads, way: Way, program: httpx.AsyncClient, *, own: bool) -> None:
    """Errors of everything that writes; what ends the trainer's own access comes last."""
    rows = [row for row in route_table() if TRAINERS.search(row.path) and row.granted(Role.TRAINER)]
    for row in sorted(rows, key=lambda row: (row.path.endswith(LAST), row.path.endswith(LAST[-1]))):
        for method in row.methods:
            if method == "GET" or (own and row.path.endswith("/accept")):
                continue
            for path in addresses(row.path, way):
                for name, body in bodies(way).items():
                    sent = (
                        await program.request(
                            method,
                            path,
                            content=orjson.dumps(body),
                            headers={"Content-Type": "application/json"},
                        )
                        if row.api
                        else await way.page.request(method, path, data=body)
                    )
                    roads.keep(f"{method} {path} {name}", sent)
