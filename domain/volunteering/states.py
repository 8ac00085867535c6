"""Kinds of entries, and the drawn edges of service records, redemptions and claims (programmes.md, 4)."""

from enum import StrEnum

from domain.core.states import States


class LedgerKind(StrEnum):
    SERVICE = "SERVICE"
    CORRECTION = "CORRECTION"
    REDEMPTION = "REDEMPTION"
    REFUND = "REFUND"
    EXPIRY = "EXPIRY"


class LedgerStatus(StrEnum):
    PENDING = "PENDING"
    POSTED = "POSTED"
    REJECTED = "REJECTED"


class Decider(StrEnum):
    """Who decides about a record that waits: a member of staff of the organization's unit or above, or of the province."""

    UNIT = "UNIT"
    PROVINCE = "PROVINCE"


RECORD_STATES = States(
    {
        LedgerStatus.PENDING: frozenset({LedgerStatus.POSTED, LedgerStatus.REJECTED}),
        # Before it is entered only: its number turns out to be of somebody who served under another one too.
        LedgerStatus.POSTED: frozenset({LedgerStatus.PENDING, LedgerStatus.REJECTED}),
    },
)


class RedemptionStatus(StrEnum):
    ISSUED = "ISSUED"
    USED = "USED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


_R = RedemptionStatus

REDEMPTION_STATES = States({_R.ISSUED: frozenset({_R.USED, _R.CANCELLED, _R.EXPIRED})})

TAKING = (_R.ISSUED, _R.USED)
"""Redemptions that hold one of the stock."""


class ClaimStatus(StrEnum):
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    PAID = "PAID"


_C = ClaimStatus

CLAIM_STATES = States(
    {
        _C.SUBMITTED: frozenset({_C.APPROVED, _C.REJECTED}),
        _C.APPROVED: frozenset({_C.PAID}),
    }
)
