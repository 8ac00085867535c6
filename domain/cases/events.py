"""What happens to cases, said to whoever must act on it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case waits for somebody to take it. `again` when more was said in one that is under way."""

    topic: ClassVar[str] = "cases.opened"
    case_id: UUID
    youth_id: UUID
    unit_id: UUID
    urgency: str
    again: bool
