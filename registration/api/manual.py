"""The API's description as a page for people, read from the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from registration.edge import page_response
from registration.edge.call import API

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Parameter:
    """``kind`` is where it stands: path, query or header."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``tokens``: whose tokens open it, empty for anyone; ``body`` and ``answer`` are
    examples or outlines as text, empty where there is none."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    tokens: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: str
    answer: str
    status: str
    refusals: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Audience:
    id: str
    name: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class ManualPage:
    title: str
    about: str
    server: str
    document_url: str
    audiences: tuple[Audience, ...]


def page(request: Request, document: Json) -> Response:
    return page_response(request, "api.html", _manual(document))


def _manual(document: Json) -> ManualPage:
    info, tags = _map(document["info"]), _list(document["tags"])
    calls = list(_calls(document))
    return ManualPage(
        title=str(info["title"]),
        about=str(info["description"]),
        server=str(_list(document["servers"])[0]["url"]),
        document_url=f"{API}/openapi.json",
        audiences=tuple(
            Audience(
                str(tag["name"]),
                str(tag["description"]),
                tuple(call for who, call in calls if who == tag["name"]),
            )
            for tag in tags
        ),
    )


def _calls(document: Json) -> Iterator[tuple[str, Call]]:
    for path, methods in _map(document["paths"]).items():
        for method, said in _map(methods).items():
            call = _map(said)
            yield str(_first(call["tags"])), _call(path, method, call)


def _call(path: str, method: str, call: Json) -> Call:
    responses = _map(call["responses"])
    status = next(iter(responses))
    body = _map(call.get("requestBody", {}))
    tokens = call["x-tokens"]
    return Call(
        id=str(call["operationId"]),
        method=method.upper(),
        path=path,
        summary=str(call["summary"]),
        text=str(call["description"]),
        tokens=tuple(str(each) for each in tokens) if isinstance(tokens, list) else (),
        parameters=tuple(_parameter(each) for each in _list(call["parameters"])),
        body=_example(body),
        answer=_example(_map(responses[status])),
        status=status,
        refusals=tuple(
            (code, str(_map(said)["description"]))
            for code, said in responses.items()
            if code != status
        ),
    )


def _parameter(said: Json) -> Parameter:
    schema = _map(said["schema"])
    words = schema.get("enum") or schema.get("format") or schema.get("description")
    text = ", ".join(str(word) for word in words) if isinstance(words, list) else str(words or "")
    return Parameter(str(said["name"]), str(said["in"]), text)


def _example(part: Json) -> str:
    content = _map(part.get("content", {}))
    made = _map(content.get("application/json", {})).get("example")
    if made is None:
        return ", ".join(content)
    return orjson.dumps(made, option=orjson.OPT_INDENT_2).decode()


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Mapping[str, object]]:
    return [_map(each) for each in value] if isinstance(value, list) else []


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else ""
