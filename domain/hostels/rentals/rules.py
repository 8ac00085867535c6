"""What a rental must be like."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.core.faults import https_fault, length_fault, range_fault
from domain.core.geo import Point, point_faults
from domain.core.refusals import ErrorCode, Refusal

TITLE_MOST = 80
ADDRESS_MOST = 200
REF_MOST = 100
RENT_FEN = (100_00, 100_000_00)
"""A month of a flat costs 100 to 100,000 yuan: less is a sum in yuan taken for fen."""
DISCOUNT_PERCENT = (1, 99)
"""Only discounted flats are let here, and a rent is always paid."""
AREA_MOST = 2_000
BEDROOMS_MOST = 20
URL_MOST = 500
DAYS_AHEAD_MOST = 730


@dataclass(frozen=True, slots=True)
class RentalContent:
    """What a landlord says of a flat. Rent in fen a month, the discount already off; area in square metres."""

    external_ref: str
    title: str
    division_code: str
    address: str
    location: Point | None
    monthly_rent_fen: int
    discount_percent: int
    area_square_meters: int | None
    bedrooms: int | None
    contact_url: str | None
    available_from: date | None


class AvailableTooLate(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "可入住日期不得晚于 {latest}。"
    en = "It must be available by {latest}."


def content_faults(content: RentalContent, today: date) -> Iterator[Refusal]:
    """Everything that is wrong with a flat by itself, whoever posts it."""
    yield from length_fault("external_ref", content.external_ref, 1, REF_MOST)
    yield from length_fault("title", content.title, 1, TITLE_MOST)
    yield from length_fault("address", content.address, 1, ADDRESS_MOST)
    yield from range_fault("monthly_rent_fen", content.monthly_rent_fen, *RENT_FEN)
    yield from range_fault("discount_percent", content.discount_percent, *DISCOUNT_PERCENT)
    yield from range_fault("area_square_meters", content.area_square_meters, 1, AREA_MOST)
    yield from range_fault("bedrooms", content.bedrooms, 0, BEDROOMS_MOST)
    yield from https_fault("contact_url", content.contact_url, URL_MOST)
    for fault in point_faults(content.location):
        yield fault.at("location")
    latest = today + timedelta(days=DAYS_AHEAD_MOST)
    if content.available_from is not None and content.available_from > latest:
        yield AvailableTooLate("available_from", latest=latest.isoformat())
