"""The port to the registry of persons: does this name belong to this number?"""

from enum import StrEnum
from typing import Protocol


class RegistryAnswer(StrEnum):
    MATCH = "MATCH"
    MISMATCH = "MISMATCH"
    UNAVAILABLE = "UNAVAILABLE"
    """It gave no answer; the same question may be asked again later."""


class IdentityRegistry(Protocol):
    """Asked outside of any transaction; never raises, never logs what it was asked."""

    async def check(self, name: str, number: str) -> RegistryAnswer: ...
