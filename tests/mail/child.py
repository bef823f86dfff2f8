"""A process of its own that sends what is due, to be killed or to race: its argument is the
settings as JSON."""

from __future__ import annotations

import asyncio
import sys

from registration import db
from registration.mail.sending import send_due
from registration.settings import Settings


async def main(settings: Settings) -> None:
    await db.connect(settings)
    try:
        while await send_due(settings):
            pass
    finally:
        await db.disconnect()


if __name__ == "__main__":
    asyncio.run(main(Settings.model_validate_json(sys.argv[1])))
