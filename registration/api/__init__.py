"""The JSON API: the same services as the pages, for programs."""

from __future__ import annotations

from registration.api import openapi
from registration.api.openapi import OPERATIONS
from registration.api.operation import endpoints
from registration.edge import Endpoint

ROUTES: tuple[Endpoint, ...] = (*endpoints(OPERATIONS), *openapi.ROUTES)
