"""What the house signs, so that others know it as ours without asking us. The keys are `infra.statements`'s."""

from typing import Protocol


class StatementSigner(Protocol):
    """Signs statements of one kind."""

    def sign(self, facts: bytes) -> str:
        """A compact JWS (RFC 7515, EdDSA) of these bytes."""

    def read(self, statement: str) -> bytes:
        """What it says; the signature is its reader's to check."""
