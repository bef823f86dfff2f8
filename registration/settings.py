"""Settings from the environment (prefix ``REGISTRATION_``), checked once at the start."""

from __future__ import annotations

import os
import re
import secrets
import stat
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from stdnum import bic, iban
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus

from registration.periods import Schedule

PREFIX = "REGISTRATION_"
SECRET_BYTES = 32
LONGEST_RETURN = 21
_OVT = re.compile(r"0037\d{8}[0-9A-Z]{0,5}\Z", re.ASCII)


class BadSetting(Exception):
    """A setting that cannot be used; the text is one line that names it."""


def _database_url(value: str) -> str:
    if value and urlsplit(value).scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ValueError("give sqlite:///path or postgres://user:password@host/name")
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError("give the address with its scheme, as https://registration.example")
    return value.rstrip("/")


def _smtp_url(value: str) -> str:
    if value and (urlsplit(value).scheme not in {"smtp", "smtps"} or not urlsplit(value).hostname):
        raise ValueError("give smtp://user:password@host:587 or smtps://host")
    return value


def _mail_return(value: str) -> str:
    local, _at, domain = value.partition("@")
    plain = value.isascii() and " " not in value and "+" not in local
    # With "+" and the mark of a mail it must still be an address (RFC 5321, 4.5.3.1.1).
    if value and not (plain and local and "." in domain and len(local) <= LONGEST_RETURN):
        raise ValueError(
            f"give an address as bounces@firm.fi, at most {LONGEST_RETURN} letters before @"
        )
    return value


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    local = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if value and (not parts.netloc or not (parts.scheme == "https" or local)):
        raise ValueError("give the provider's address with https, as https://login.example")
    return value


def _timestamp_url(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("give the service's address, as https://time.example/tsa")
    return value


def _zone(value: object) -> object:
    if isinstance(value, str):
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise ValueError("give a zone as Europe/Helsinki") from unknown
    return value


def _proxies(value: object) -> object:
    if not isinstance(value, str):
        return value
    given = tuple(part.strip() for part in value.split(",") if part.strip())
    for each in given:
        try:
            ip_network(each)
        except ValueError as wrong:
            raise ValueError("give addresses or networks, as 127.0.0.1, 10.0.0.0/8") from wrong
    return given


def _languages(value: object) -> object:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip())
        if isinstance(value, str)
        else value
    )


def _business_id(value: str) -> str:
    if not value:
        return ""
    try:
        digits = str(ytunnus.validate(value))
    except NumberError as wrong:
        raise ValueError("give business_id as 1234567-1, with its check digit") from wrong
    return f"{digits[:7]}-{digits[7:]}"


def _iban(value: str) -> str:
    try:
        return str(iban.validate(value)) if value else ""
    except NumberError as wrong:
        raise ValueError("give iban as FI21 1234 5600 0007 85, with its check digits") from wrong


def _bic(value: str) -> str:
    try:
        return str(bic.validate(value)) if value else ""
    except NumberError as wrong:
        raise ValueError("give bic as NDEAFIHH") from wrong


def _einvoice_address(value: str) -> str:
    plain = value.replace(" ", "").upper()
    if plain and not _OVT.match(plain):
        raise ValueError("give einvoice_address as OVT: 0037 and the digits of the business ID")
    return plain


class Organisation(BaseModel):
    """Who runs this installation: what pages, mails, certificates and the notice say of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "Pohjan Raide Oy"
    business_id: Annotated[str, AfterValidator(_business_id)] = ""
    iban: Annotated[str, AfterValidator(_iban)] = ""
    bic: Annotated[str, AfterValidator(_bic)] = ""
    einvoice_address: Annotated[str, AfterValidator(_einvoice_address)] = ""
    einvoice_operator: str = ""
    address: str = "Ratakatu 1, 00100 Helsinki"
    country: str = "FI"
    email: str = "koulutus@pohjanraide.example"
    phone: str = ""
    privacy_contact: str = "Tietosuojavastaava"
    privacy_email: str = "tietosuoja@pohjanraide.example"
    authority: str = "Tietosuojavaltuutetun toimisto"
    authority_url: str = "https://tietosuoja.fi"
    brand: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#17594a"
    logo: Path | None = None
    signer: str = ""
    signer_title: str = ""
    signature: Path | None = None
    retention: Schedule = Schedule()


class Settings(BaseModel):
    """Everything that differs between installations. Names are the environment's, in lower case."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, extra="forbid")

    data: Path = Path("var")
    database_url: Annotated[str, AfterValidator(_database_url)] = ""
    dietary_url: Annotated[str, AfterValidator(_database_url)] = ""
    keys: Path | None = None
    secret: str = ""
    base_url: Annotated[str, AfterValidator(_base_url)] = "http://127.0.0.1:8000"
    smtp_url: Annotated[str, AfterValidator(_smtp_url)] = ""
    mail_from: str = ""
    mail_return: Annotated[str, AfterValidator(_mail_return)] = ""
    time_zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("Europe/Helsinki")
    languages: Annotated[
        tuple[Literal["fi", "sv", "en"], ...], BeforeValidator(_languages), Field(min_length=1)
    ] = ("fi", "sv", "en")
    organisation: Organisation = Organisation()
    signing_key: Path | None = None
    signing_passphrase: Annotated[str, Field(repr=False)] = ""
    timestamp_url: Annotated[str, AfterValidator(_timestamp_url)] = ""
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    rate_limit: Literal["on", "off"] = "on"
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_proxies)] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    demo: bool = False

    @model_validator(mode="after")
    def _two_stores(self) -> Self:
        if self.database_url and self.database_url == self.dietary_url:
            raise ValueError("DIETARY_URL must be another database than DATABASE_URL")
        return self

    @model_validator(mode="after")
    def _whole_single_sign_on(self) -> Self:
        parts = {
            "OIDC_ISSUER": self.oidc_issuer,
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET": self.oidc_client_secret,
        }
        missing = [name for name, value in parts.items() if not value]
        if missing and len(missing) < len(parts):
            given = next(name for name, value in parts.items() if value)
            raise ValueError(f"{PREFIX}{given}: give {' and '.join(missing)} too, or none of them")
        return self

    @property
    def main_url(self) -> str:
        return self.database_url or f"sqlite://{(self.data / 'registration.sqlite3').absolute()}"

    @property
    def diets_url(self) -> str:
        return self.dietary_url or f"sqlite://{(self.data / 'dietary.sqlite3').absolute()}"

    @property
    def keys_folder(self) -> Path:
        return self.keys or self.data / "keys"

    @property
    def on_postgres(self) -> bool:
        return self.main_url.startswith("postgres")


def load(environ: Mapping[str, str] | None = None, *, demo: bool = False) -> Settings:
    """The settings of this process; makes the data folder and the secret if they are absent.

    Raises ``BadSetting`` with one line that names the first wrong value.
    """
    given = _given(os.environ if environ is None else environ)
    try:
        settings = Settings(**given, demo=demo)
    except ValidationError as wrong:
        raise BadSetting(_first_line(wrong)) from None
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        _guard_keys(settings.keys_folder)
        secret = settings.secret or _stored_secret(settings.data / "secret")
    except OSError as refused:
        raise BadSetting(
            f"{PREFIX}DATA: cannot write in {settings.data}: {refused.strerror}"
        ) from None
    if len(secret) < SECRET_BYTES:
        raise BadSetting(f"{PREFIX}SECRET: give at least {SECRET_BYTES} characters")
    return settings.model_copy(update={"secret": secret})


def _given(environ: Mapping[str, str]) -> dict[str, object]:
    known = {name for name in Settings.model_fields if name != "demo"}
    given: dict[str, object] = {}
    for key, value in environ.items():
        name = key.removeprefix(PREFIX).lower()
        if key.startswith(PREFIX) and value != "":
            if name not in known:
                raise BadSetting(f"{key}: there is no such setting")
            given[name] = _organisation(Path(value)) if name == "organisation" else value
    return given


def _organisation(path: Path) -> Organisation:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return Organisation(**content)
    except OSError as missing:
        raise BadSetting(
            f"{PREFIX}ORGANISATION: cannot read {path}: {missing.strerror}"
        ) from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadSetting(f"{PREFIX}ORGANISATION: {path} is not TOML: {wrong}") from wrong
    except ValidationError as wrong:
        raise BadSetting(f"{PREFIX}ORGANISATION: in {path}: {_first_line(wrong)}") from wrong


def _first_line(wrong: ValidationError) -> str:
    first = wrong.errors()[0]
    where = "_".join(str(part) for part in first["loc"][:1]).upper()
    where += "".join(f".{part}" for part in first["loc"][1:] if isinstance(part, str))
    said = first["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{where}: {said}" if where else said


def _guard_keys(folder: Path) -> None:
    """The event keys' folder and each key, readable by their owner alone (P5)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o077:
        raise BadSetting(
            f"{PREFIX}KEYS: {folder} can be read by others (mode {mode:o}); run chmod 700 on it"
        )
    for key in folder.glob("*.key"):
        mode = stat.S_IMODE(key.stat().st_mode)
        if key.is_file() and mode & 0o077:
            raise BadSetting(
                f"{PREFIX}KEYS: {key} can be read by others (mode {mode:o}); run chmod 600 on it"
            )


def _stored_secret(path: Path) -> str:
    """The secret kept in ``path``, made with mode 0600 at first use; two may start at once."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        made = secrets.token_urlsafe(SECRET_BYTES)
        opened.write(made)
    return made
