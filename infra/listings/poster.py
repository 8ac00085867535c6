"""Batches of listings through `upsertInternships`, one after the other, with the server's word on each listing."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Final

import orjson
from pydantic import ValidationError

from infra.listings.answers import (
    ImportStopped,
    Organization,
    Result,
    UpsertData,
    UpsertPayload,
    ViewerData,
    told,
)
from infra.listings.batches import Batch, halves
from infra.listings.connection import BodyTooLarge, Busy, Connection

# A wrong address or a server that is not up shows soon; once listings flow, patience is worth more.
_FIRST_ATTEMPTS: Final = 3
_WHO_AM_I: Final = orjson.dumps({"query": "query WhoAmI { viewer { organization { id name } } }"})


async def own_organization(connection: Connection, expected: str | None) -> Organization:
    """The organization the token belongs to; it must be the one expected, where one is named."""
    patience = replace(connection.patience, attempts=_FIRST_ATTEMPTS)
    organization = await replace(connection, patience=patience).ask(_WHO_AM_I, _organization)
    if expected is not None and organization.id != expected:
        raise ImportStopped(
            f"the token belongs to {organization.name} ({organization.id}), not to organization {expected}"
        )
    return organization


async def post(connection: Connection, batches: Iterable[Batch]) -> AsyncIterator[tuple[Result, ...]]:
    """The results of each request, as they come. Listings of earlier requests stay, whatever ends the import."""
    for batch in batches:
        async for results in _post_one(connection, batch):
            yield results


async def _post_one(connection: Connection, batch: Batch) -> AsyncIterator[tuple[Result, ...]]:
    try:
        payload = await connection.ask(batch.body, _payload)
    except BodyTooLarge as fault:
        if len(batch.listings) == 1:
            raise ImportStopped(f"the server finds a single listing too large (HTTP 413): {fault}") from fault
        for half in halves(batch):
            async for results in _post_one(connection, half):
                yield results
        return
    if sorted(result.external_ref for result in payload.results) != sorted(batch.references):
        raise ImportStopped(
            f"the server answered {len(payload.results)} of {len(batch.listings)} listings, or others than were sent"
        )
    yield payload.results


def _organization(data: object) -> Organization:
    try:
        viewer = ViewerData.model_validate(data).viewer
    except ValidationError as fault:
        raise ImportStopped("the server's viewer is not as the contract says") from fault
    if viewer is None or viewer.organization is None:
        raise ImportStopped("the token is no partner's token: it speaks for no organization")
    return viewer.organization


def _payload(data: object) -> UpsertPayload:
    try:
        payload = UpsertData.model_validate(data).payload
    except ValidationError as fault:
        raise ImportStopped("the server's answer to upsertInternships is not as the contract says") from fault
    if any(error.code == "RATE_LIMITED" for error in payload.user_errors):
        raise Busy(told(payload.user_errors))
    if payload.user_errors:
        raise ImportStopped(f"the server refused the whole request: {told(payload.user_errors)}")
    return payload
