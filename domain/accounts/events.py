"""What changes of accounts say to others."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID


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
