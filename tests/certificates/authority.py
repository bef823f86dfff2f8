"""A time-stamp service (RFC 3161) on loopback, for tests: good, slow, broken or lying."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

from asn1crypto import keys, tsp, x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.timestamps import DummyTimeStamper

from tests.certificates.keys import certificate


@dataclass
class Service:
    address: str
    asked: list[int] = field(default_factory=list)


def _stamper() -> DummyTimeStamper:
    key = rsa.generate_private_key(65537, 2048)
    encoded = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    own = certificate(key, "Aikaleima Oy").public_bytes(Encoding.DER)
    return DummyTimeStamper(x509.Certificate.load(own), keys.PrivateKeyInfo.load(encoded))


@contextmanager
def time_stamps(kind: str = "good") -> Iterator[Service]:
    """``kind``: good, refusing (HTTP 503), nonsense, other (stamps something else)."""
    stamper = _stamper()

    class Answer(BaseHTTPRequestHandler):
        service: ClassVar[Service]

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            self.service.asked.append(len(content))
            if kind == "refusing":
                self.send_error(503)
                return
            request = tsp.TimeStampReq.load(content)
            if kind == "other":
                imprint = {
                    "hash_algorithm": {"algorithm": "sha256"},
                    "hashed_message": sha256(b"something else").digest(),
                }
                request["message_imprint"] = tsp.MessageImprint(imprint)
            answer = stamper.request_tsa_response(request).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(b"nonsense" if kind == "nonsense" else answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Answer.service = Service(f"http://127.0.0.1:{server.server_port}/tsa")
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Answer.service
        finally:
            server.shutdown()
            thread.join()
