"""What the server answers, read strictly: an answer that is not as the contract says ends the import."""

from enum import StrEnum
from typing import Annotated, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

_SHOWN: Final = 300


class ImportStopped(Exception):
    """Going on makes no sense; the message says why, for the person at the terminal."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class UserError(_Answer):
    code: str
    message: str
    field: tuple[str, ...] | None = None


class Outcome(StrEnum):
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REJECTED = "REJECTED"


class Result(_Answer):
    external_ref: Annotated[str, Field(alias="externalRef")]
    outcome: Outcome
    user_errors: Annotated[tuple[UserError, ...], Field(alias="userErrors")] = ()


class UpsertPayload(_Answer):
    results: tuple[Result, ...]
    user_errors: Annotated[tuple[UserError, ...], Field(alias="userErrors")] = ()


class UpsertData(_Answer):
    payload: Annotated[UpsertPayload, Field(alias="upsertInternships")]


class Organization(_Answer):
    id: str
    name: str


class Viewer(_Answer):
    organization: Organization | None = None


class ViewerData(_Answer):
    viewer: Viewer | None = None


class Extensions(_Answer):
    code: str | None = None


class GraphQLFault(_Answer):
    message: str
    extensions: Extensions = Extensions()


class _Envelope(_Answer):
    data: object = None
    errors: tuple[GraphQLFault, ...] | None = None


def read_envelope(status: int, body: bytes) -> tuple[object, tuple[GraphQLFault, ...]]:
    """`data` and `errors` of a GraphQL answer."""
    try:
        envelope = _Envelope.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError):
        raise ImportStopped(f"the server's answer (HTTP {status}) is not GraphQL: {shown(body)}") from None
    return envelope.data, envelope.errors or ()


def shown(body: bytes) -> str:
    """The beginning of an answer, fit for a terminal."""
    text = body[: _SHOWN * 4].decode("utf-8", errors="replace")
    return (
        "".join(character if character.isprintable() else " " for character in text)[:_SHOWN].strip()
        or "(empty)"
    )


def told(errors: tuple[UserError, ...] | tuple[GraphQLFault, ...]) -> str:
    """Errors as one line."""
    return "; ".join(
        f"{error.code if isinstance(error, UserError) else error.extensions.code or 'ERROR'}: {error.message}"
        for error in errors
    )
