"""Which addresses may be called, in every way that they can be written; signatures; pauses."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from registration.forms import FieldRefused
from registration.webhooks.rules import (
    NO_LOGIN,
    NOT_AN_ADDRESS,
    NOT_HTTPS,
    NOT_PUBLIC,
    checked_url,
    is_public,
    next_try,
    signature,
)
from tests.builders import NOON


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fd12::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::808:808", "2002:7f00:1::",
        "2001::1", "::127.0.0.1", "", "localhost", "2130706433",
    ],
)  # fmt: skip
def test_what_is_not_of_the_public_internet_is_not_called(address: str) -> None:
    assert is_public(address) is False


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:400f::1", "::ffff:8.8.8.8"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert is_public(address) is True


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("http://hr.example.fi/", NOT_HTTPS),
        ("ftp://hr.example.fi/", NOT_AN_ADDRESS),
        ("file:///etc/passwd", NOT_AN_ADDRESS),
        ("hr.example.fi", NOT_AN_ADDRESS),
        ("https://", NOT_AN_ADDRESS),
        ("https:///x", NOT_AN_ADDRESS),
        ("https://hr.example.fi:99999/", NOT_AN_ADDRESS),
        ("https://hr.example.fi:0/", NOT_AN_ADDRESS),
        ("https://hr.example.fi/#part", NOT_AN_ADDRESS),
        ("https://[::1/", NOT_AN_ADDRESS),
        ("https://hr..example.fi/", NOT_AN_ADDRESS),
        ("https://user:pass@hr.example.fi/", NO_LOGIN),
        ("https://hr.example.fi@evil.example/", NO_LOGIN),
        ("https://@hr.example.fi/", NO_LOGIN),
        ("https://localhost/", NOT_PUBLIC),
        ("https://intranet/", NOT_PUBLIC),
        ("https://127.0.0.1/", NOT_PUBLIC),
        ("https://127.1/", NOT_PUBLIC),
        ("https://2130706433/", NOT_PUBLIC),
        ("https://0x7f.0.0.1/", NOT_PUBLIC),
        ("https://0177.0.0.1/", NOT_PUBLIC),
        ("https://[::1]/", NOT_PUBLIC),
        ("https://[::ffff:127.0.0.1]/", NOT_PUBLIC),
        ("https://[fe80::1%25eth0]/", NOT_PUBLIC),
        ("https://169.254.169.254/latest/meta-data", NOT_PUBLIC),
        ("https://hr.example.fi\\@127.0.0.1/", NO_LOGIN),
        ("https://１２７.0.0.1/", NOT_PUBLIC),
        ("https://hr_x.example.fi/", NOT_PUBLIC),
        ("https://hr.example.fi/" + "a" * 500, NOT_AN_ADDRESS),
    ],
)
def test_an_address_that_is_not_to_be_called_is_refused(given: str, message: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        checked_url(given, loopback=False)
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://hr.example.fi", "https://hr.example.fi/"),
        ("https://HR.Example.FI:8443/a b?x=ä", "https://hr.example.fi:8443/a%20b?x=%C3%A4"),
        ("https://häme.example/", "https://xn--hme-qla.example/"),
        ("https://8.8.8.8/x", "https://8.8.8.8/x"),
        ("https://[2a00:1450:400f::1]:444/", "https://[2a00:1450:400f::1]:444/"),
    ],
)
def test_an_address_is_kept_as_it_is_called(given: str, kept: str) -> None:
    assert checked_url(given, loopback=False) == kept


@pytest.mark.parametrize(
    "given", ["http://127.0.0.1:9/x", "http://localhost:9/", "http://[::1]:9/"]
)
def test_this_machine_is_called_only_by_an_installation_on_it(given: str) -> None:
    assert checked_url(given, loopback=True) == given
    with pytest.raises(FieldRefused):
        checked_url(given, loopback=False)


def test_other_addresses_of_the_own_network_are_refused_on_this_machine_too() -> None:
    with pytest.raises(FieldRefused):
        checked_url("https://10.0.0.1/", loopback=True)


def test_the_signature_is_the_one_of_the_standards_example() -> None:
    """The vector of the reference implementations' tests."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signature(
        key,
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_tried_for_about_three_days() -> None:
    moment, tries = NOON, 1
    while (again := next_try(tries, now=moment)) is not None:
        moment, tries = again, tries + 1
    assert (tries, moment - NOON) == (10, timedelta(days=3, hours=3, minutes=35, seconds=5))
