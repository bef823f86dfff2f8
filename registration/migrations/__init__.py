"""Schema changes of both databases, and the configuration that ``tortoise`` reads."""

from __future__ import annotations

from registration.db import tortoise_config
from registration.settings import Settings

CONFIG = tortoise_config(Settings())
