"""A diet is in no other copy: no log, no traceback, no file, no page that is kept (P5)."""

from __future__ import annotations

import ast
import copy
import io
import json
import logging
import marshal
import pickle
import pprint
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from rich.console import Console
from rich.traceback import Traceback
from structlog.dev import ConsoleRenderer
from structlog.processors import JSONRenderer
from structlog.tracebacks import ExceptionDictTransformer

from registration.catering.rules import DietGiven, DietShown, reveal
from registration.catering.service import GuestDiet
from registration.forms import Refused, parse
from tests.catering.makers import diet

ROOT = Path(__file__).parents[2]
MARK = "Vadelmavene"
# Who may lay a diet open, and where: sealing it, counting it, showing it to the guest or an
# organiser. Whoever adds a line here says so in the change.
MAY_REVEAL = {
    "registration/api/records.py": 1,
    "registration/catering/sealing.py": 1,
    "registration/catering/service.py": 2,
    "registration/catering/sheets.py": 1,
    "registration/catering/store.py": 1,
    "registration/web/my_diet.py": 2,
    "registration/web/staff/kitchen.py": 1,
}
OPEN_NAMES = {"DietShown", "_open", "__shown", "_Diet__shown"}
TALKS = {"debug", "info", "warning", "error", "exception", "critical", "print", "msg"}


def marked() -> DietShown:
    return reveal(diet(MARK, allergies="nuts"))


def calls_of(tree: ast.AST, name: str) -> int:
    return sum(
        isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == name)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == name)
        )
        for node in ast.walk(tree)
    )


def revealing(source: str) -> int:
    return calls_of(ast.parse(source), "reveal")


def talking(source: str) -> list[int]:
    """Lines that put a laid-open diet into a log, a text or an exception: what ``reveal`` gave,
    or a name it was bound to, inside an f-string, a format, a raise or a logging call."""
    tree = ast.parse(source)
    found: list[int] = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names = _bound(function)
        for node in ast.walk(function):
            if _speaks(node) and any(_opens(part, names) for part in _parts(node)):
                found.append(getattr(node, "lineno", 0))
    return sorted(set(found))


def _bound(function: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and calls_of(node.value, "reveal"):
            names |= {each.id for target in node.targets for each in _names(target)}
        if isinstance(node, ast.For | ast.comprehension) and calls_of(node.iter, "reveal"):
            names |= {each.id for each in _names(node.target)}
    return names


def _names(node: ast.AST) -> list[ast.Name]:
    return [each for each in ast.walk(node) if isinstance(each, ast.Name)]


def _speaks(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr | ast.Raise):
        return True
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant)
    called = node.func if isinstance(node, ast.Call) else None
    word = getattr(called, "attr", getattr(called, "id", ""))
    return word in TALKS | {"format"}


def _parts(node: ast.AST) -> list[ast.AST]:
    return list(ast.iter_child_nodes(node))


def _opens(node: ast.AST, names: set[str]) -> bool:
    return bool(calls_of(node, "reveal")) or any(each.id in names for each in _names(node))


def sources() -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "registration").rglob("*.py"))
    }


@pytest.mark.promise("P3")
def test_diets_are_laid_open_only_where_it_is_said_here() -> None:
    found = {name: revealing(source) for name, source in sources().items()}
    assert {name: many for name, many in found.items() if many} == MAY_REVEAL


@pytest.mark.promise("P3")
def test_nobody_reaches_behind_reveal() -> None:
    behind = {
        name: sorted(
            {
                node.attr
                for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Attribute) and node.attr in OPEN_NAMES - {"DietShown"}
            }
        )
        for name, source in sources().items()
        if name != "registration/catering/rules.py"
    }
    assert {name: words for name, words in behind.items() if words} == {}


@pytest.mark.promise("P5")
def test_no_text_no_log_and_no_exception_is_made_of_a_diet() -> None:
    found = {name: talking(source) for name, source in sources().items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        'log.info("diet", said=shown.other)',
        "raise ValueError(shown.other)",
        'return f"{shown.other}"',
        'return "{}".format(shown.other)',
        'return "%s" % shown.other',
        "print(reveal(diet))",
    ],
)
def test_the_check_finds_a_diet_that_is_told(line: str) -> None:
    source = f"def told(diet):\n    shown = reveal(diet)\n    {line}\n"
    assert talking(source) == [3]
    assert revealing(source) >= 1


def _rich(error: BaseException) -> str:
    out = io.StringIO()
    console = Console(file=out, width=200)
    told = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True)
    console.print(told)
    return out.getvalue()


def _structlog(error: BaseException) -> str:
    told = ExceptionDictTransformer(show_locals=True)
    assert error.__traceback__ is not None
    return json.dumps(told((type(error), error, error.__traceback__)), default=repr)


def _plain(error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(told.format())


@pytest.mark.promise("P5")
@pytest.mark.parametrize("told", [_rich, _structlog, _plain])
def test_a_traceback_with_all_its_locals_tells_no_diet(
    told: Callable[[BaseException], str],
) -> None:
    def fails() -> None:
        sealed = diet(MARK)
        shown = reveal(sealed)
        given = parse(DietGiven, {"other": MARK.lower().replace("v", "V"), "consent": True})
        many = [shown, {"diet": sealed, "given": given}]
        raise RuntimeError(len(many))

    with pytest.raises(RuntimeError) as failure:
        fails()
    said = told(failure.value)
    assert "RuntimeError" in said
    assert MARK.lower() not in _outside_source(said)


def _outside_source(said: str) -> str:
    """Without the lines of this very file, which tracebacks quote."""
    own = {line.strip() for line in Path(__file__).read_text(encoding="utf-8").splitlines()}
    kept = [line for line in said.splitlines() if not any(each in line for each in own if each)]
    return "\n".join(kept).lower()


@pytest.mark.promise("P5")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_pickle_takes_a_diet(protocol: int) -> None:
    for each in (diet(MARK), marked()):
        with pytest.raises(TypeError, match="does not leave"):
            pickle.dumps(each, protocol)
        with pytest.raises(TypeError, match="does not leave"):
            copy.deepcopy(each)


class Carrier(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    what: object


@pytest.mark.promise("P5")
@pytest.mark.parametrize("shown", [False, True], ids=["sealed", "open"])
def test_no_serialiser_tells_a_diet(shown: bool) -> None:
    held: object = marked() if shown else diet(MARK)
    silent: list[str] = []
    tellers: tuple[Callable[[], str], ...] = (
        lambda: json.dumps(held),
        lambda: orjson.dumps(held).decode(),
        lambda: marshal.dumps(held).decode("latin-1"),  # type: ignore[arg-type]  # it must refuse
        lambda: Carrier(what=held).model_dump_json(),
        lambda: TypeAdapter(object).dump_json(held).decode(),
        lambda: repr(held) + str(held) + f"{held}" + format(held) + f"{held}{held!r}",
        lambda: pprint.pformat([held]),
        lambda: orjson.dumps({"x": held}, default=str).decode(),
        lambda: str(JSONRenderer()(None, "", {"event": "x", "diet": held})),
        lambda: str(ConsoleRenderer(colors=False)(None, "", {"event": "x", "d": held})),
    )
    for told in tellers:
        try:
            silent.append(told())
        except (TypeError, ValueError):
            silent.append("")
    assert [said for said in silent if MARK in said or "vegan" in said] == []


@pytest.mark.promise("P5")
def test_asdict_of_what_holds_a_diet_tells_nothing() -> None:
    for each in (diet(MARK), marked()):
        with pytest.raises(TypeError):
            asdict(each)  # type: ignore[arg-type]  # that is what is shown
        held = GuestDiet(uuid4(), uuid4(), "Aino", "", each)  # type: ignore[arg-type]  # it too
        with pytest.raises(TypeError):
            asdict(held)
        assert MARK not in repr(held)
    with pytest.raises(TypeError):
        fields(DietShown)


@pytest.mark.promise("P5")
def test_a_refused_diet_is_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Refused) as refused:
        parse(DietGiven, {"needs": MARK, "other": MARK, "allergies": [MARK]})
    said = repr(refused.value) + str(refused.value) + repr(refused.value.errors)
    assert MARK.lower() not in said.lower()
    with pytest.raises(ValidationError) as wrong:
        DietGiven.model_validate({"needs": MARK, "other": {"a": MARK}})
    assert MARK not in str(wrong.value)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("any").error("%s", diet(MARK), exc_info=wrong.value)
    assert MARK not in caplog.text
    assert MARK not in "".join(str(record.args) for record in caplog.records)


@pytest.mark.promise("P5")
def test_a_changed_copy_is_as_silent(capsys: pytest.CaptureFixture[str]) -> None:
    changed = marked().without_meals([uuid4()])
    sys.stdout.write(f"{changed} {[changed]!r} {(diet(MARK),)}")
    assert MARK not in capsys.readouterr().out
