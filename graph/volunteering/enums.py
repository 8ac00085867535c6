"""Enums of volunteering."""

from domain.volunteering.care.models import CareFundReason
from domain.volunteering.perks.models import PerkCategory
from domain.volunteering.states import ClaimStatus, LedgerKind, LedgerStatus, RedemptionStatus
from graph.core.enums import served

served(LedgerStatus, "PENDING: over eight hours a day waits for a second person.")
served(
    LedgerKind,
    "What an entry is.",
    CORRECTION="Of a record that was entered before; what was said before stays.",
    REFUND="Points of a code that was given back or ran out.",
    EXPIRY="Points that lapsed, two years after they were earned.",
)
served(PerkCategory, "What kind of perk.")
served(RedemptionStatus, "What has become of a code.", ISSUED="It can be used.")
served(CareFundReason, "What the fund helps with.")
served(ClaimStatus, "How far a claim has come.")

__all__ = [
    "CareFundReason",
    "ClaimStatus",
    "LedgerKind",
    "LedgerStatus",
    "PerkCategory",
    "RedemptionStatus",
]
