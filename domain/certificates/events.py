"""What happens to certificates, said to whoever must act on it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CertificateRevoked:
    topic: ClassVar[str] = "certificates.revoked"
    certificate_id: UUID
    youth_id: UUID
    cause: str
