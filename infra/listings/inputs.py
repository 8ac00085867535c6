"""The contract's `InternshipInput` as plain data, with what GraphQL itself asks of its numbers."""

from collections.abc import Iterator
from typing import Final, Literal, NotRequired, TypedDict

Education = Literal["SECONDARY", "VOCATIONAL", "COLLEGE", "BACHELOR", "MASTER", "DOCTOR"]
Kind = Literal["INTERNSHIP", "APPRENTICESHIP"]
Per = Literal["DAY", "MONTH"]

INT_MIN: Final = -(2**31)
INT_MAX: Final = 2**31 - 1


class StipendInput(TypedDict):
    minFen: int
    maxFen: int
    per: Per


class InternshipInput(TypedDict):
    """Field for field the input of `upsertInternships`; what a row does not say is absent, never null."""

    externalRef: str
    title: str
    kind: Kind
    description: str
    requirements: NotRequired[str]
    divisionCode: str
    address: NotRequired[str]
    headcount: int
    stipend: NotRequired[StipendInput]
    education: Education
    skills: list[str]
    daysPerWeek: NotRequired[int]
    durationWeeks: NotRequired[int]
    housingProvided: bool
    applyBy: NotRequired[str]


def numbers_of(listing: InternshipInput) -> Iterator[tuple[str, int]]:
    """Every number of a listing with its path. One outside `Int` would spoil the whole request, not one listing."""
    yield "headcount", listing["headcount"]
    if "daysPerWeek" in listing:
        yield "daysPerWeek", listing["daysPerWeek"]
    if "durationWeeks" in listing:
        yield "durationWeeks", listing["durationWeeks"]
    if "stipend" in listing:
        yield "stipend.minFen", listing["stipend"]["minFen"]
        yield "stipend.maxFen", listing["stipend"]["maxFen"]
