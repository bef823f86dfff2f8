"""A process of its own that deletes what is due, to be killed or to race: its arguments are the
settings as JSON and the moment; it says ``ready`` when it begins and ``done`` when it has ended."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from registration import db
from registration.catering.deletion import delete_due
from registration.settings import Settings


async def main(settings: Settings, now: datetime) -> None:
    await db.connect(settings)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await delete_due(settings, now=now)
    sys.stdout.write("done\n")
    await db.disconnect()


if __name__ == "__main__":
    asyncio.run(
        main(Settings.model_validate_json(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
    )
