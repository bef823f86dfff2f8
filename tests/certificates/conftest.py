from datetime import UTC, datetime
from pathlib import Path

import pytest

from certificates.key import SigningKey, make_self_signed
from certificates.pdf import Typesetter
from certificates.signature import Signer
from tests.certificates.makers import make_document

HERE = Path(__file__).parent
NOW = datetime(2026, 4, 3, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def typesetter() -> Typesetter:
    return Typesetter()


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey(make_self_signed("Pohjolan Rata Oy", now=NOW))


@pytest.fixture(scope="session")
def signed(typesetter: Typesetter, key: SigningKey) -> bytes:
    return Signer(key).sign(typesetter.render([make_document()])[0])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # WeasyPrint leaves its own colour profile for the garbage collector to close.
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(
                pytest.mark.filterwarnings(
                    "ignore:.*sRGB2014.*:pytest.PytestUnraisableExceptionWarning"
                )
            )
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"))
