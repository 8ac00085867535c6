"""Enums of people, places and units."""

from domain.accounts.models import ConsentPurpose, EducationLevel, Gender, RealNameStatus, Track, UnitLevel
from domain.accounts.reviews import ReviewKind
from domain.core.actors import StaffRole
from domain.core.divisions import DivisionLevel
from graph.core.enums import served

served(DivisionLevel, "Where a division stands in the tree.")
served(UnitLevel, "What kind of unit of the league.")
served(StaffRole, "What each may do stands in programmes.md.")
served(Gender, "Sex as on the identity document.")
served(EducationLevel, "In rising order; SECONDARY in a listing asks for nothing.")
served(Track, "Special admission tracks named in the plan.")
served(RealNameStatus, "How far the real name is checked.")
served(ConsentPurpose, "What a consent is for.")
served(ReviewKind, "What waits for a decision by staff.")

__all__ = [
    "ConsentPurpose",
    "DivisionLevel",
    "EducationLevel",
    "Gender",
    "RealNameStatus",
    "ReviewKind",
    "StaffRole",
    "Track",
    "UnitLevel",
]
