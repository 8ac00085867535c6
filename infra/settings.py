"""Settings from the environment (12-factor), read once at start; README lists them with their defaults."""

import re
import sys
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AliasChoices, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_SSLMODE = re.compile(r"([?&])sslmode=")
T = TypeVar("T")
_VALKEY = re.compile(r"^valkey://")
_ORIGIN = re.compile(r"https?://[^\s?#]+")


class Environment(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


def _either(qingyi: str, plain: str) -> AliasChoices:
    """The names that platforms set by themselves are understood beside our own."""
    return AliasChoices(qingyi, plain)


class Settings(BaseSettings):
    """One field, one variable `QINGYI_<FIELD>`; a few also answer to the platform's usual name."""

    model_config = SettingsConfigDict(
        env_prefix="QINGYI_", env_ignore_empty=True, frozen=True, populate_by_name=True
    )

    env: Environment = Environment.DEVELOPMENT
    host: str = Field(default="127.0.0.1", validation_alias=_either("QINGYI_HOST", "HOST"))
    port: int = Field(default=8000, ge=0, le=65535, validation_alias=_either("QINGYI_PORT", "PORT"))
    database_url: str | None = Field(
        default=None, validation_alias=_either("QINGYI_DATABASE_URL", "DATABASE_URL")
    )
    redis_url: str | None = Field(default=None, validation_alias=_either("QINGYI_REDIS_URL", "REDIS_URL"))
    data_dir: Path = Path("var")
    database_pool: int = Field(default=8, ge=1, le=200)
    database_statement_cache: int = Field(default=256, ge=0, le=10_000)
    # The contract says that nobody sees what is older than a second; the rest is for the answer's way.
    cache_seconds: float = Field(default=0.8, ge=0, le=0.8, allow_inf_nan=False)
    cache_bytes: int = Field(default=16 * 1024 * 1024, ge=0)
    share_answers: bool = True
    keys: SecretStr | None = None
    public_url: str | None = None
    issuer: str = "https://qingyi.example"
    introspection: bool | None = None
    sms_url: str | None = None
    sms_token: SecretStr = SecretStr("")
    registry_url: str | None = None
    registry_token: SecretStr = SecretStr("")
    wechat_app_id: str | None = None
    wechat_secret: SecretStr = Field(default=SecretStr(""), validate_default=True)
    wechat_url: str = "https://api.weixin.qq.com"
    oidc_issuer: str | None = None
    oidc_client_id: str | None = Field(default=None, validate_default=True)
    oidc_client_secret: SecretStr | None = None
    oidc_redirect_uris: Annotated[tuple[str, ...], NoDecode, Field(validate_default=True)] = ()
    body_limit: int = Field(default=100_000, ge=1_000)
    partner_body_limit: int = Field(default=4 * 1024 * 1024, ge=1_000)
    request_timeout_seconds: float = Field(default=30.0, gt=0)
    limits: bool = True
    limit_address_burst: int = Field(default=1_000, ge=1)
    limit_address_rate: float = Field(default=200.0, gt=0, allow_inf_nan=False)
    limit_principal_burst: int = Field(default=200, ge=1)
    limit_principal_rate: float = Field(default=20.0, gt=0, allow_inf_nan=False)
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$")] = "INFO"
    log_format: Annotated[str, Field(pattern="^(json|console)$")] = "json"
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("database_url")
    @classmethod
    def _asyncpg_address(cls, url: str | None) -> str | None:
        """Accept what platforms hand out (`postgres://…`) and turn it into SQLAlchemy's spelling."""
        if url is None:
            return None
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in {"postgres", "postgresql", "postgresql+asyncpg"}:
            raise ValueError("must be a postgresql:// address")
        # libpq and the platforms say sslmode, SQLAlchemy's driver says ssl; the values are the same.
        return "postgresql+asyncpg://" + _SSLMODE.sub(r"\1ssl=", rest)

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, url: str | None) -> str | None:
        if url is not None and url.partition("://")[0] not in {"redis", "rediss", "unix", "valkey"}:
            raise ValueError("must be a redis:// or unix:// address")
        return None if url is None else _VALKEY.sub("redis://", url)

    @field_validator("public_url")
    @classmethod
    def _origin(cls, url: str | None) -> str | None:
        if url is not None and not _ORIGIN.fullmatch(url):
            raise ValueError("must be an http:// or https:// address without a query")
        return None if url is None else url.rstrip("/")

    @field_validator("sms_token", "registry_token")
    @classmethod
    def _header(cls, token: SecretStr) -> SecretStr:
        """It becomes part of a header; what a header refuses would stand in the log of the refusal."""
        text = token.get_secret_value().strip()
        if not (text.isascii() and text.isprintable()):
            raise ValueError("must be printable ASCII")
        return SecretStr(text)

    @field_validator("log_level", mode="before")
    @classmethod
    def _level(cls, level: object) -> object:
        named = level.upper() if isinstance(level, str) else level
        return "WARNING" if named == "WARN" else named

    @field_validator("wechat_secret", "oidc_client_id", "oidc_redirect_uris")
    @classmethod
    def _whole(cls, value: T, given: ValidationInfo) -> T:
        """A door needs all of its settings."""
        first = {"wechat_secret": "wechat_app_id"}.get(given.field_name or "", "oidc_issuer")
        said = value.get_secret_value() if isinstance(value, SecretStr) else value
        if given.data.get(first) is not None and not said:
            raise ValueError(f"must be set together with QINGYI_{first.upper()}")
        return value

    @field_validator("wechat_url", "oidc_issuer")
    @classmethod
    def _web_address(cls, url: str | None, given: ValidationInfo) -> str | None:
        """Of a service that is told secrets: encrypted, but for tests on one's own machine."""
        schemes = (
            ("https://",) if given.data.get("env") is Environment.PRODUCTION else ("https://", "http://")
        )
        if url is not None and not url.startswith(schemes):
            raise ValueError("must be an https:// address")
        return url

    @field_validator("allowed_origins", "oidc_redirect_uris", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @property
    def production(self) -> bool:
        return self.env is Environment.PRODUCTION

    @property
    def introspection_allowed(self) -> bool:
        """Introspection, explorer and suggestions: by default everywhere but in production."""
        return not self.production if self.introspection is None else self.introspection


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "settings"
    variable = name if name.isupper() else f"QINGYI_{name.upper()}"
    return f"{variable}: {first['msg'].removeprefix('Value error, ')}"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process; a wrong one ends it with one clear line (exit status 2)."""
    try:
        return Settings()
    except ValidationError as error:
        sys.stderr.write(f"qingyi: wrong setting {_complaint(error)}\n")
        raise SystemExit(2) from None
