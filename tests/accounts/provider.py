"""A provider of single sign-on over real HTTP that can be told to misbehave."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "registration", "hush"


@cache
def own_key() -> RSAKey:
    """Made once: it takes a while."""
    return RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class Provider:
    """``claims`` change what the token says, ``None`` leaves a claim out; ``person`` is what the
    endpoint about people says; ``broken`` makes every answer a failure."""

    url: str = ""
    key: RSAKey = field(default_factory=own_key)
    signed_with: RSAKey | None = None
    algorithm: str = "RS256"
    claims: dict[str, object] = field(default_factory=dict)
    person: dict[str, object] = field(default_factory=dict)
    about: dict[str, object] = field(default_factory=dict)
    broken: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def log_in(self, address: str) -> str:
        """What a person does there: the address that they come back by."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def says(self) -> dict[str, object]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/person",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.about

    def exchange(self, form: dict[str, str], authorization: str) -> dict[str, object] | None:
        """A code is exchanged once, by who asked for it and holds the verifier (RFC 7636)."""
        asked = self.codes.pop(form.get("code", ""), None)
        own = "Basic " + b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or authorization != own:
            return None
        if asked["redirect_uri"] != form["redirect_uri"]:
            return None
        if create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.url,
            "sub": "person-1",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked["nonce"],
            "email": "staff@example.fi",
            "email_verified": True,
        } | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        token = jwt.encode(header, kept, self.signed_with or self.key)
        return {"id_token": token, "access_token": "access", "token_type": "Bearer"}


@contextmanager
def providing() -> Iterator[Provider]:
    """The provider answers at its ``url``."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths: dict[str, dict[str, object]] = {
                "/.well-known/openid-configuration": provider.says(),
                "/keys": {"keys": [provider.key.as_dict(private=False)]},
                "/person": provider.person,
            }
            self._answer(paths.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(provider.exchange(form, self.headers.get("authorization", "")))

        def _answer(self, said: dict[str, object] | None) -> None:
            content = json.dumps(said or {"error": "invalid_grant"}).encode()
            self.send_response(500 if provider.broken else 200 if said is not None else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
