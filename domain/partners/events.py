"""What organizations' changes say to others."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OrganizationDecided:
    topic: ClassVar[str] = "partners.organization_decided"
    organization_id: UUID
    verified: bool
    note: str
