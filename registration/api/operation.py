"""A call of the API with all that is to be said of it; its route is made from the same row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel

from registration.edge import Access, Endpoint, Of
from registration.edge.call import API
from registration.edge.routes import SMALL_BODY, Handler
from registration.i18n import N_

WHO = {
    "anyone": N_("Anyone"),
    "company": N_("Companies"),
    "trainer": N_("Trainers"),
    "organiser": N_("Organisers"),
    "staff": N_("Staff"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """``path`` is within the API. ``summary`` and ``text`` are msgids, ``who`` a key of ``WHO``.

    ``conflicts``: whether the state of things can stand in the way (409). ``files``: media types
    of answers beside JSON. ``whose``: as of an ``Endpoint``.
    """

    method: str
    path: str
    handler: Handler
    access: Access
    who: str
    summary: str
    text: str = ""
    query: type[BaseModel] | None = None
    bodies: tuple[type[BaseModel], ...] = ()
    answers: tuple[type[BaseModel], ...] = ()
    status: int = 200
    conflicts: bool = False
    files: tuple[str, ...] = ()
    max_body: int = SMALL_BODY
    whose: Of | None = None

    @property
    def name(self) -> str:
        """Its identifier, as ``post_sessions_id_cancel``."""
        words = self.path.translate({ord("{"): None, ord("}"): None, ord("."): "_"})
        return f"{self.method.lower()}{words.replace('/', '_')}"

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(
            path=f"{API}{self.path}",
            handler=self.handler,
            access=self.access,
            methods=(self.method,),
            name=f"api_{self.name}",
            max_body=self.max_body,
            whose=self.whose,
        )


def endpoints(operations: Iterable[Operation]) -> tuple[Endpoint, ...]:
    return tuple(operation.endpoint for operation in operations)
