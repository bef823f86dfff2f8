"""Whose portal a coordinator is in. Of every other company there is nothing here: 404."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from registration.accounts.rules import Role
from registration.companies import queries as companies
from registration.companies.rules import CompanyNotFound
from registration.edge import require, roles

COORDINATORS = roles(Role.COORDINATOR)


@dataclass(frozen=True, slots=True)
class Portal:
    """``companies``: name, address, whether it is this one; empty for who has only one."""

    id: UUID
    name: str
    companies: tuple[tuple[str, str, bool], ...]

    def url(self, path: str) -> str:
        """``path`` (with or without a query) in this company's portal."""
        if not self.companies:
            return path
        path, hash_mark, part = path.partition("#")
        return f"{path}{'&' if '?' in path else '?'}company={self.id}{hash_mark}{part}"


async def portal_of(request: Request, company_id: UUID | None = None) -> Portal:
    """The company given, or asked for by ``?company=``, or the first by name.

    Raises ``CompanyNotFound`` for one that the caller does not coordinate.
    """
    own = require(request).companies
    names = sorted((await companies.names(own)).items(), key=lambda one: (one[1], one[0]))
    wanted = company_id or _asked(request) or (names[0][0] if names else None)
    if wanted is None or wanted not in own:
        raise CompanyNotFound
    several = len(names) > 1
    return Portal(
        id=wanted,
        name=dict(names).get(wanted, ""),
        companies=tuple((name, f"/company?company={each}", each == wanted) for each, name in names)
        if several
        else (),
    )


def _asked(request: Request) -> UUID | None:
    text = request.query_params.get("company", "")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise CompanyNotFound from None
