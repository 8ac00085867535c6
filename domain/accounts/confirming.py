"""Staff confirm a youth's special tracks after seeing the proof, of which no copy is kept."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.access_log import Look, checked_reason, purpose, record_looks
from domain.accounts.events import TracksConfirmed
from domain.accounts.finding import reached_youth
from domain.accounts.models import Track, YouthRow
from domain.core.db import Write
from domain.core.outbox import emit
from domain.core.refusals import NotFound
from domain.core.rights import Action, require_staff

TRACKS_CHECKED = purpose("tracks-checked", zh="核对专项身份材料", en="proof of special tracks looked at")


async def confirm_tracks(tx: Write, youth_id: UUID, tracks: Iterable[Track], note: str) -> UUID:
    """
    The youth's tracks from now on; GENERAL is everybody's and not kept. NotFound out of reach.

    The note says which proof was seen; it stands in the access log, and the youth is told. The same tracks again change
    nothing.
    """
    staff = require_staff(tx.actor, Action.CONFIRM_TRACKS)
    written = checked_reason(note, "note")
    youth = await reached_youth(tx, staff, youth_id)
    if youth is None:
        raise NotFound("youth_id")
    confirmed = [track for track in dict.fromkeys(tracks) if track is not Track.GENERAL]
    changed = await tx.execute(
        sa.update(YouthRow)
        .where(col(YouthRow.id) == youth_id, col(YouthRow.tracks) != confirmed)
        .values(tracks=confirmed)
    )
    if changed:
        await record_looks(tx, [Look(youth_id, ("tracks",), TRACKS_CHECKED, written)])
        await emit(tx, TracksConfirmed(youth_id, ",".join(confirmed), written))
    return youth_id
