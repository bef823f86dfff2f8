"""What handlers of pages and of the API use; the rest of the edge is for ``app`` alone.

A module of ``web`` or ``api`` exports ``ROUTES: tuple[Endpoint, ...]``.
"""

from __future__ import annotations

from registration.edge.answers import here, local_path, page_response, redirect
from registration.edge.call import (
    flash,
    forget_identity,
    identity,
    language,
    require,
    settings,
)
from registration.edge.limits import check_limit, limit
from registration.edge.reading import (
    Posted,
    Upload,
    path_id,
    path_text,
    read_form,
    read_json,
    read_upload,
)
from registration.edge.refusals import LoginNeeded, NotYours, PageNotFound, Stop, Unreadable
from registration.edge.routes import (
    ANYONE,
    LOGGED_IN,
    UPLOAD_BODY,
    Access,
    Endpoint,
    get,
    post,
    roles,
)
from registration.edge.whose import Of

__all__ = [
    "ANYONE",
    "LOGGED_IN",
    "UPLOAD_BODY",
    "Access",
    "Endpoint",
    "LoginNeeded",
    "NotYours",
    "Of",
    "PageNotFound",
    "Posted",
    "Stop",
    "Unreadable",
    "Upload",
    "check_limit",
    "flash",
    "forget_identity",
    "get",
    "here",
    "identity",
    "language",
    "limit",
    "local_path",
    "page_response",
    "path_id",
    "path_text",
    "post",
    "read_form",
    "read_json",
    "read_upload",
    "redirect",
    "require",
    "roles",
    "settings",
]
