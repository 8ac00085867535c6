"""
The publish gate: what an organization may publish at once, what staff review first, what is refused.

The organization's row is locked while its posts pass, so that two calls at once cannot both use the same part of the
headcount that the size of the organization allows.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.core.db import Write
from domain.core.policy import policies
from domain.core.refusals import NotFound, Refusal
from domain.core.states import StateEvent
from domain.internships.listing import published
from domain.internships.models import ListingRow
from domain.internships.policies import (
    APPRENTICE_SHARE_OF_WAGE,
    BANNED_INDUSTRIES,
    CLEAN_RECORD_DAYS,
    MINIMUM_WAGE_MONTH_FEN,
    PUBLISH_AT_ONCE,
    SHARE_OF_EMPLOYEES,
    TRUST_UNKNOWN_EMPLOYEES,
)
from domain.internships.rules import ListingContent, industry_fault, share_fault, wage_fault
from domain.internships.states import ListingStatus
from domain.partners.models import OrganizationRow
from domain.partners.organizations import ORGANIZATIONS, Organization


@dataclass(slots=True)
class Gate:
    """
    What decides about one organization's posts. `published_headcount` is what is published now; it moves as posts pass.
    """

    organization: Organization
    published_headcount: int
    clean_record: bool
    publish_at_once: bool
    trust_unknown_employees: bool
    share_of_employees: float
    banned_industries: list[str]
    wages: dict[str, int]
    wage_share: float

    def faults(self, content: ListingContent, published_before: int) -> list[Refusal]:
        """Every rule of the gate that the post breaks; `published_before` is its own part of what is published."""
        found = [
            industry_fault(self.organization.industry_code, self.banned_industries),
            wage_fault(content.kind, content.stipend, self.wages[content.division_code], self.wage_share),
        ]
        if self.organization.employee_count is not None:
            others = self.published_headcount - published_before
            found.append(
                share_fault(
                    content.headcount, others, self.organization.employee_count, self.share_of_employees
                )
            )
        return [fault for fault in found if fault is not None]

    @property
    def status(self) -> ListingStatus:
        """Where a post goes that passes."""
        trusted = (
            self.publish_at_once
            and self.organization.verified
            and self.clean_record
            and (self.organization.employee_count is not None or self.trust_unknown_employees)
        )
        return ListingStatus.PUBLISHED if trusted else ListingStatus.IN_REVIEW


async def published_headcount(tx: Write, organization_id: UUID) -> int:
    statement = sa.select(sa.func.coalesce(sa.func.sum(col(ListingRow.headcount)), 0)).where(
        col(ListingRow.organization_id) == organization_id, published(tx.today)
    )
    return int(await tx.scalar(statement))


async def _clean_record(tx: Write, organization_id: UUID, days: int) -> bool:
    refused = (
        sa.select(sa.literal(1))
        .select_from(ListingRow)
        .join(StateEvent, col(StateEvent.subject_id) == col(ListingRow.id))
        .where(
            col(ListingRow.organization_id) == organization_id,
            col(StateEvent.status) == ListingStatus.REJECTED.value,
            col(StateEvent.at) > tx.now - timedelta(days=days),
        )
    )
    return not await tx.exists(refused)


async def open_gate(tx: Write, organization_id: UUID, division_codes: set[str]) -> Gate:
    """Lock the organization and gather what decides about its posts in these divisions."""
    organization = await ORGANIZATIONS.first(
        tx,
        ORGANIZATIONS.select()
        .where(col(OrganizationRow.id) == organization_id)
        .with_for_update(key_share=True),
    )
    if organization is None:
        raise NotFound
    at_once, clean_days, trust_unknown, share, banned, wage_share = await policies(
        tx,
        PUBLISH_AT_ONCE,
        CLEAN_RECORD_DAYS,
        TRUST_UNKNOWN_EMPLOYEES,
        SHARE_OF_EMPLOYEES,
        BANNED_INDUSTRIES,
        APPRENTICE_SHARE_OF_WAGE,
        division_code=organization.division_code,
    )
    wages = {
        code: (await policies(tx, MINIMUM_WAGE_MONTH_FEN, division_code=code))[0] for code in division_codes
    }
    return Gate(
        organization=organization,
        published_headcount=await published_headcount(tx, organization_id),
        clean_record=await _clean_record(tx, organization_id, clean_days),
        publish_at_once=at_once,
        trust_unknown_employees=trust_unknown,
        share_of_employees=share,
        banned_industries=banned,
        wages=wages,
        wage_share=wage_share,
    )
