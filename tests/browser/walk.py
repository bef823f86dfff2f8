"""Walking the site from link to link, one page for each route of the table."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from playwright.async_api import Page
from starlette.routing import compile_path

from registration.app import route_table

# Where people of each kind begin.
PUBLIC = ("/", "/privacy", "/accessibility", "/verify", "/api", "/patterns", "/dev/mail")
HOMES = {
    "participant": ("/me", "/me/erase", "/login/again", "/login/lost"),
    "coordinator": ("/company", "/tokens", "/account/data"),
    "trainer": ("/trainer",),
    "organiser": ("/staff",),
    "staff": ("/staff", "/staff/privacy/retention"),
}
FILES = (
    ".ics", ".json", ".pdf", ".pem", ".xlsx", ".csv", ".svg", ".ico", ".css", ".zip", ".jwt",
    ".txt",
    ".{format}",
)  # fmt: skip
# Single sign-on leaves this site, and comes back to it; without its settings there is none.
ELSEWHERE = ("/login/sso", "/login/sso/callback")
FOR_MACHINES = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/brand/logo",
    "/dev/mail/{id}/body",
    "/staff/invoicing/{id}/file",
    "/verify/status/{number}",
)
LINKS = """() => [...document.querySelectorAll("a[href]:not([download])")].map(each => each.href)"""
# The first form that asks for something typed, with all of it emptied.
EMPTIED = """() => {
  const asks = "input[required]:not([type=radio]):not([type=checkbox])";
  const form = [...document.querySelectorAll("main form[method=post]")]
    .find(each => each.querySelector(asks));
  form?.querySelectorAll(asks).forEach(each => { each.value = "" });
  return form ?? null;
}"""

# Every page that a person can open: no file, no answer for a machine.
PAGES = {
    row.path: compile_path(row.path)[0]
    for row in route_table()
    if row.methods == ("GET",) and not row.api and not row.path.endswith(FILES)
    if row.path not in (*FOR_MACHINES, *ELSEWHERE)
}


def route_of(url: str) -> str | None:
    """The path in the route table that this address belongs to."""
    path = urlsplit(url).path
    if path.endswith(FILES):
        return None
    fitting = [route for route, pattern in PAGES.items() if pattern.match(path)]
    return min(fitting, key=lambda route: route.count("{")) if fitting else None


async def pages_from(page: Page, *starts: str, seen: set[str]) -> AsyncIterator[str]:
    """Opens what links lead to, the first page of each route that is not in ``seen``; yields its
    route, and adds it there."""
    queue = deque(starts)
    tried: set[str] = set()
    origin = ""
    while queue:
        address = queue.popleft()
        route = route_of(address)
        if route is None or address in tried or (route in seen and address not in starts):
            continue
        tried.add(address)
        answer = await page.goto(address)
        if answer is None or not answer.ok or route_of(page.url) != route:
            continue
        origin = origin or "/".join(page.url.split("/", 3)[:3])
        links = await page.evaluate(LINKS)
        if route not in seen:
            seen.add(route)
            yield route
        queue.extend(link for link in links if link.startswith(f"{origin}/"))


async def sent_empty(page: Page) -> bool:
    """Whether the page has a form with something to type; if so, it was sent with that left empty,
    past the browser's own checks, and what came back is open."""
    form = (await page.evaluate_handle(EMPTIED)).as_element()
    if form is None:
        return False
    async with page.expect_navigation():
        await form.evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    return True
