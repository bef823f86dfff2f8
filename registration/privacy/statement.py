"""Parameters of the few statements that the ORM cannot say, numbered as each database wants it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from registration.db import reading


class Given:
    """What one statement is given; each method says where the value stands in its text."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self.postgres = reading().capabilities.dialect == "postgres"

    def one(self, value: UUID | datetime | date | int) -> str:
        if not self.postgres and isinstance(value, datetime):
            self.values.append(value.astimezone(UTC).isoformat(" "))
        elif not self.postgres and not isinstance(value, int):
            self.values.append(str(value))
        else:
            self.values.append(value)
        return f"${len(self.values)}" if self.postgres else f"?{len(self.values)}"

    def many(self, values: Sequence[UUID]) -> str:
        """``= ANY($1)`` or ``IN (?1, ?2)``."""
        if self.postgres:
            self.values.append(list(values))
            return f"= ANY(${len(self.values)})"
        return f"IN ({', '.join(self.one(each) for each in values)})"
