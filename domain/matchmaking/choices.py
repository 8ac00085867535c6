"""
Whom a guest chose, as it is stored: under a key of the event's own, always of one size.

The key is made with the event and sealed beside it; the choices of an event are gone for good when it is. What is encrypted
is a list of ten places, the empty ones filled, so that neither size nor time tells how many were chosen. The place of the
row is authenticated with it: choices copied to another guest's row do not open.
"""

import os
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import col

from domain.core.db import Read
from domain.core.sealing import SealBroken, Sealer, place
from domain.matchmaking.models import CHOICES_MOST, ChoicesRow, EventRow

_NONCE = 12
_NOBODY = UUID(int=0)


class ChoicesErased(Exception):
    """The key of the event is gone, and with it all choices."""


def _key_place(event_id: UUID) -> str:
    return place(str(EventRow.__tablename__), "choices_key", event_id)


def _where(signup_id: UUID) -> bytes:
    return place(str(ChoicesRow.__tablename__), "chosen", signup_id).encode()


def new_event_key(sealer: Sealer, event_id: UUID) -> bytes:
    """A fresh key for the choices of an event, sealed."""
    return sealer.seal(AESGCM.generate_key(256).hex(), _key_place(event_id))


def opened_key(sealer: Sealer, event_id: UUID, key_sealed: bytes) -> AESGCM:
    """The cipher of an event's choices."""
    return AESGCM(bytes.fromhex(sealer.open(key_sealed, _key_place(event_id))))


async def event_keys(db: Read, sealer: Sealer, event_ids: Iterable[UUID]) -> dict[UUID, AESGCM]:
    """The ciphers of those of the events whose choices are still kept."""
    rows = await db.rows(
        sa.select(col(EventRow.id), col(EventRow.choices_key_sealed)).where(
            col(EventRow.id).in_(list(event_ids)), col(EventRow.choices_key_sealed).is_not(None)
        )
    )
    return {row.id: opened_key(sealer, row.id, row.choices_key_sealed) for row in rows}


async def event_key(db: Read, sealer: Sealer, event_id: UUID) -> AESGCM:
    """ChoicesErased when it is gone."""
    found = (await event_keys(db, sealer, [event_id])).get(event_id)
    if found is None:
        raise ChoicesErased
    return found


def encrypted(key: AESGCM, signup_id: UUID, chosen: Iterable[UUID]) -> bytes:
    """The choices (ids of participants) of a guest, as they are stored."""
    ids = [*chosen][:CHOICES_MOST]
    plain = b"".join(one.bytes for one in [*ids, *[_NOBODY] * (CHOICES_MOST - len(ids))])
    nonce = os.urandom(_NONCE)
    return nonce + key.encrypt(nonce, plain, _where(signup_id))


def empty_choices(key: AESGCM, signup_id: UUID) -> bytes:
    """As of a guest who has chosen nobody."""
    return encrypted(key, signup_id, ())


def decrypted(key: AESGCM, signup_id: UUID, stored: bytes) -> tuple[UUID, ...]:
    """The ids of the participants whom the guest chose; SealBroken when it was changed or moved."""
    try:
        plain = key.decrypt(stored[:_NONCE], stored[_NONCE:], _where(signup_id))
    except (InvalidTag, ValueError):
        raise SealBroken from None
    step = len(_NOBODY.bytes)
    ids = (UUID(bytes=plain[at : at + step]) for at in range(0, len(plain), step))
    return tuple(one for one in ids if one != _NOBODY)
