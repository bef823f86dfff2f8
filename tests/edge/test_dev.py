from __future__ import annotations

import httpx
import pytest

from registration.app import create_app
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import make_participant
from tests.conftest import browser


async def test_mailbox_shows_what_was_queued(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"demo": True}), run_jobs=False)
    async with app.router.lifespan_context(app), browser(app) as client:
        assert "No mail" in (await client.get("/dev/mail")).text
        await make_participant()
        await client.post("/login", data={"email": "aino@example.fi"})
        mail = await Mail.get()
        assert f'href="/dev/mail/{mail.id}"' in (await client.get("/dev/mail")).text
        page = await client.get(f"/dev/mail/{mail.id}")
        assert f'src="/dev/mail/{mail.id}/body"' in page.text
        assert page.headers["content-security-policy"].endswith("; frame-src 'self'")
        body = await client.get(f"/dev/mail/{mail.id}/body")
        assert body.text == f'<base target="_top">{mail.body_html}'
        assert "frame-ancestors 'self'" in body.headers["content-security-policy"]
        assert "script-src" not in body.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/dev/mail", f"/dev/mail/{'0' * 32}", "/dev/mail/1/body"])
async def test_there_is_no_mailbox_outside_demonstrations(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code == 404
