"""
What a guest is called at an event: keyed hashes of event and youth, so that nothing links two events, or an event and a
youth. The same youth at the same event is always called the same.
"""

from uuid import UUID

from domain.core.sealing import Sealer

_PARTICIPANT, _ENTRY = "matchmaking-participant", "matchmaking-lottery-entry"
_BYTES = 16


def _name(sealer: Sealer, purpose: str, event_id: UUID, youth_id: UUID) -> UUID:
    return UUID(bytes=sealer.blind(f"{event_id}:{youth_id}", purpose)[:_BYTES])


def participant_id(sealer: Sealer, event_id: UUID, youth_id: UUID) -> UUID:
    """How other guests of the event know the youth."""
    return _name(sealer, _PARTICIPANT, event_id, youth_id)


def lottery_entry(sealer: Sealer, event_id: UUID, youth_id: UUID) -> UUID:
    """What stands for the youth in the published list; it cannot be told from chance, nor from the participant's id."""
    return _name(sealer, _ENTRY, event_id, youth_id)
