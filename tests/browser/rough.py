"""An installation as no demonstration shows it: five hundred dates of one training with a title of
three hundred letters, nothing else at all, and a page that fails.

``python -m tests.browser.rough PORT FILE`` serves it and writes staff's login link to the file.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import uvicorn
from starlette.requests import Request
from starlette.routing import Route

from registration import clock, db, upkeep
from registration.accounts.logins import new_link
from registration.accounts.rules import Role
from registration.app import create_app
from registration.settings import Settings, load
from tests.builders import make_account
from tests.web.makers import make_session, make_training, soon

DATES = 500
TITLE = "Rataturvallisuusperehdytyskoulutusjatkokurssi " * 4 + "Ä" * 116  # 300 letters


async def fails(_request: Request) -> None:
    raise RuntimeError("on purpose")


async def fill(settings: Settings) -> str:
    await upkeep.migrate_once(settings)
    await db.connect(settings)
    training = await make_training(TITLE, slug="long")
    for number in range(DATES):
        await make_session(training, starts_at=soon(days=10 + number))
    staff = await make_account(Role.STAFF, name="👩‍🚒 Ψ Ибрагим إبراهيم" + "Maximilian" * 8)
    life = timedelta(hours=1)
    path = await new_link(staff, confirmed=False, life=life, now=clock.now())
    await db.disconnect()
    return path


def main(port: int, file: Path) -> None:
    settings = load()
    path = asyncio.run(fill(settings))
    app = create_app(settings, run_jobs=False)
    app.router.routes.insert(0, Route("/fails", fails))
    file.write_text(f"{settings.base_url}{path}", "utf-8")
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
