"""The reading process: what ends it ends no later reading."""

from __future__ import annotations

from registration.enrolment.desk import Desk

PEOPLE = "First name;Last name;E-mail\nAada;Lindén;aada.linden@example.fi\n".encode()


async def test_a_process_that_ended_between_two_readings_is_started_anew() -> None:
    desk = Desk()
    before = await desk.open_file(PEOPLE, "people.csv")
    pool = desk._running()
    [process] = (pool._processes or {}).values()
    process.kill()
    process.join()
    while not pool._broken:  # as soon as the pool has noticed
        process.join(0.01)
    assert await desk.open_file(PEOPLE, "people.csv") == before
