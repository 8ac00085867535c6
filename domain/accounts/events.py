"""What happens to people's accounts, said to whoever must act on it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TracksConfirmed:
    """Staff saw the proof of a youth's special tracks, or took them back. `tracks` by their names, separated by commas."""

    topic: ClassVar[str] = "accounts.tracks_confirmed"
    youth_id: UUID
    tracks: str
    note: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """A youth took a consent back: whoever works by it stops, and erases what it has no other ground for."""

    topic: ClassVar[str] = "accounts.consent_withdrawn"
    youth_id: UUID
    purpose: str


class LateAnswer(StrEnum):
    """What became of a claim that the registry could not answer at first."""

    VERIFIED = "VERIFIED"
    MISMATCHED = "MISMATCHED"
    TAKEN = "TAKEN"
    """The number serves another account meanwhile."""


@dataclass(frozen=True, slots=True)
class RealNameAnswered:
    topic: ClassVar[str] = "accounts.real_name_answered"
    youth_id: UUID
    answer: LateAnswer


@dataclass(frozen=True, slots=True)
class PhoneBound:
    """A number is a youth's from now on: they signed up with it, or took it in place of another."""

    topic: ClassVar[str] = "accounts.phone_bound"
    youth_id: UUID


@dataclass(frozen=True, slots=True)
class DataExportReady:
    """A youth's copy of their data can be downloaded, until an instant."""

    topic: ClassVar[str] = "accounts.data_export_ready"
    youth_id: UUID
    until: str


@dataclass(frozen=True, slots=True)
class DeletionAsked:
    """A youth asked for the erasure of their account, which happens at an instant."""

    topic: ClassVar[str] = "accounts.deletion_asked"
    youth_id: UUID
    erases_at: str


@dataclass(frozen=True, slots=True)
class DeletionCancelled:
    """A youth keeps the account after all."""

    topic: ClassVar[str] = "accounts.deletion_cancelled"
    youth_id: UUID
