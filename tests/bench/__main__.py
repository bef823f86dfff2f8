"""Runs every measure and prints a table; ``--json FILE`` writes the figures too."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import uvloop
from rich.console import Console
from rich.table import Table

from tests.bench import measures
from tests.bench.server import postgres
from tests.bench.stored import fresh_session, store_enrolments
from tests.bench.sweeping import Sweep, sweep_of, write_old

WIDTH = 118


@dataclass(frozen=True, slots=True)
class Figure:
    """``ratio``: the value over the yardstick's of this run, or None where there is none."""

    name: str
    value: float
    unit: str
    note: str = ""
    ratio: float | None = None
    yardstick: str = ""


def shown(value: float, unit: str) -> str:
    """Seconds to the hundredth, counts whole, and what is below a hundred to the tenth."""
    digits = 2 if unit == "s" else 0 if value >= 100 else 1
    return f"{value:,.{digits}f} {unit}"


class Report:
    def __init__(self, console: Console) -> None:
        self.figures: list[Figure] = []
        self._console = console

    def add(self, figure: Figure) -> None:
        self.figures.append(figure)
        said = shown(figure.value, figure.unit)
        self._console.print(f"  {figure.name}: {said}", highlight=False)

    def table(self) -> Table:
        table = Table(title="Benchmark", title_justify="left")
        for heading, justify in (("what", "left"), ("figure", "right"), ("beside", "right")):
            table.add_column(heading, justify=justify)  # type: ignore[arg-type]  # rich's literal
        table.add_column("note")
        for each in self.figures:
            beside = f"{each.ratio:.2f} × {each.yardstick}" if each.ratio is not None else ""
            table.add_row(each.name, shown(each.value, each.unit), beside, each.note)
        return table


@dataclass(frozen=True, slots=True)
class Bench:
    """What the parts share: where figures go, a folder of the run, and its yardsticks a second."""

    report: Report
    folder: Path
    pages: float
    commits: float

    def house(self, name: str, postgres: str = "") -> measures.House:
        return asyncio.run(measures.furnish(self.folder / name, postgres=postgres))


def run(report: Report, folder: Path, parts: Sequence[str]) -> None:
    ok = measures.bare_pages()
    report.add(Figure("bare Starlette “ok”", ok.rate, "requests/s", f"p95 {ok.p95:.1f} ms"))
    commits = measures.commits(folder)
    report.add(Figure("bare commits, synchronous=FULL", commits, "commits/s"))
    for part in parts:
        PARTS[part](Bench(report, folder, ok.rate, commits))


def _pages(bench: Bench) -> None:
    read = measures.pages(bench.house("pages"))
    ratio, note = read.rate / bench.pages, f"p95 {read.p95:.1f} ms"
    bench.report.add(
        Figure("public pages, 16 clients", read.rate, "requests/s", note, ratio, "bare ok")
    )


def _places(bench: Bench) -> None:
    _sign_ups(bench.report, bench.house("sqlite"), "SQLite", bench.commits)
    with postgres(bench.folder / "pg") as address:
        served = bench.house("pgdata", address)
        _sign_ups(bench.report, served, "PostgreSQL", bench.commits)
        two = measures.sign_ups(served, workers=2)
        ratio, note = two.rate / bench.commits, f"p95 {two.p95:.1f} ms"
        name = "sign-ups, PostgreSQL, 2 workers"
        bench.report.add(Figure(name, two.rate, "sign-ups/s", note, ratio, "bare commits"))


def _company(bench: Bench) -> None:
    house = bench.house("company")
    took = measures.import_of_5000(house)
    bench.report.add(Figure("import of 5,000 employees", took, "s"))
    shown = measures.company_page(house)
    bench.report.add(Figure("page of a company's 5,000 employees", shown, "ms", "median of 20"))


def _certificates(bench: Bench) -> None:
    printed = asyncio.run(measures.certificates())
    add = bench.report.add
    add(Figure("first certificate, signed", printed.first, "s", "starts the workers"))
    add(Figure("one certificate, signed", printed.warm, "s", "workers warm, median of 9"))
    rate = f"{200 / printed.many:.0f} a second"
    add(Figure("200 certificates, signed", printed.many, "s", rate))
    rate = f"{1000 / printed.thousand:.0f} a second"
    add(Figure("1,000 certificates, signed", printed.thousand, "s", rate))
    add(Figure("a core's work for one of them", printed.work, "ms"))
    add(Figure("memory of the workers after them", printed.held, "MiB"))


def _deletion(bench: Bench) -> None:
    settings = bench.house("deletion").settings
    erased = asyncio.run(measures.erasing(settings))
    unreadable = f"no copy can be read after {erased.unreadable * 1000:.0f} ms"
    name = f"erasing {erased.diets:,} diets of an event"
    bench.report.add(Figure(name, erased.seconds, "s", unreadable))
    caught = asyncio.run(measures.catching_up(settings))
    bench.report.add(Figure("catching up with 1,000 overdue events", caught, "s"))
    late = asyncio.run(measures.lateness(settings))
    note = "100 events, while the jobs run"
    bench.report.add(Figure("lateness of deletions, p99", late, "s", note))


def _start(bench: Bench) -> None:
    took, held = measures.cold_start(bench.house("start"))
    bench.report.add(Figure("cold start to the first answer", took, "s"))
    bench.report.add(Figure("resident memory, one worker", held, "MiB"))


def _flat(bench: Bench) -> None:
    _stored(bench.report, bench.house("sqlite-stored"), "SQLite")
    with postgres(bench.folder / "pg-stored") as address:
        _stored(bench.report, bench.house("pgdata-stored", address), "PostgreSQL")


def _sweep(bench: Bench) -> None:
    _swept(bench.report, bench.house("sqlite-sweep"), "SQLite")
    with postgres(bench.folder / "pg-sweep") as address:
        _swept(bench.report, bench.house("pgdata-sweep", address), "PostgreSQL")


def _swept(report: Report, house: measures.House, store: str) -> None:
    """The server sweeps by itself while people use it."""
    asyncio.run(write_old(house, SWEPT))
    found: Sweep = sweep_of(house)
    name = f"{SWEPT:,} people, {found.deleted:,} due, {store}"
    report.add(Figure(f"sweep of {name}", found.seconds, "s", "by the server, while it is used"))
    waited = found.waited
    note = f"a writer beside it waited {waited.longest * 1000:.0f} ms at most, "
    note += f"{waited.often} times over 100 ms"
    report.add(Figure(f"longest lock of the sweep, {store}", found.longest, "ms", note))
    report.add(Figure(f"memory that the sweep added, {store}", found.grown, "MiB"))
    for what, before, during in found.loads:
        note = f"p95 before {before.p95:.1f} ms"
        name = f"p95 of {what} during the sweep, {store}"
        report.add(Figure(name, during.p95, "ms", note, during.p95 / before.p95, "before"))


SWEPT = int(os.environ.get("BENCH_SWEPT", "1000000"))
PARTS: Mapping[str, Callable[[Bench], None]] = {
    "pages": _pages,
    "places": _places,
    "company": _company,
    "certificates": _certificates,
    "deletion": _deletion,
    "start": _start,
    "flat": _flat,
    "sweep": _sweep,
}


def _stored(report: Report, house: measures.House, store: str) -> None:
    """Sign-ups with ever more enrolments stored, each figure on a session of its own."""
    before = 0
    for stored in (0, 10_000, 1_000_000):
        asyncio.run(store_enrolments(house, stored - before))
        before = stored
        for clients in (1, 8, 32):
            fresh = asyncio.run(fresh_session(house))
            done = measures.sign_ups(house, clients=clients, session=fresh)
            people = "client" if clients == 1 else "clients"
            report.add(
                Figure(
                    f"sign-ups, {store}, {clients} {people}, {stored:,} stored",
                    done.rate,
                    "sign-ups/s",
                    f"p95 {done.p95:.1f} ms",
                )
            )


def _sign_ups(report: Report, house: measures.House, store: str, commits: float) -> None:
    done = measures.sign_ups(house)
    report.add(
        Figure(
            f"complete sign-ups, {store}, 8 clients",
            done.rate,
            "sign-ups/s",
            f"p95 {done.p95:.1f} ms, three requests each",
            done.rate / commits,
            "bare commits",
        )
    )
    rushed = measures.rush_of_300(house)
    said = f"{rushed.confirmed} confirmed, {rushed.waiting} waiting"
    report.add(Figure(f"300 people for 50 seats, {store}", rushed.seconds, "s", said))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="these parts")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    given = parser.parse_args()
    console = Console(width=WIDTH)
    uvloop.install()
    console.print(f"{platform.platform()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    report = Report(console)
    folder = Path(tempfile.mkdtemp(prefix="registration-bench-"))
    try:
        run(report, folder, given.only)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    console.print(report.table())
    if given.json:
        figures = [asdict(figure) for figure in report.figures]
        given.json.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
