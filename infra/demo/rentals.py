"""Made-up flats near the seats of counties, the same for the same seed."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from domain.core.divisions import reference
from domain.core.geo import Point
from domain.hostels.rentals.rules import RentalContent
from infra.demo.listings import places
from infra.demo.vocabulary import FLAT_EXTRAS, FLAT_LAYOUTS, FLAT_NAMES, STREETS

_FEN = 100
_DEGREES_ASIDE = 0.05
"""About five kilometres."""


def rentals(count: int, chance: Random, today: date) -> Iterator[RentalContent]:
    """One in ten has no place on the map, one in four is not free yet."""
    seats = {row["id"]: Point(row["latitude"], row["longitude"]) for row in reference()}
    where = places()
    for number in range(1, count + 1):
        code, place = chance.choice(where)
        bedrooms = chance.randrange(len(FLAT_LAYOUTS))
        layout, discount = FLAT_LAYOUTS[bedrooms], chance.choice((10, 15, 20, 25, 30, 40, 50))
        usual_yuan = chance.randrange(1_200, 2_600, 50) + 600 * bedrooms
        aside = [chance.gauss(0, _DEGREES_ASIDE / 2) for _ in range(2)]
        yield RentalContent(
            external_ref=f"demo-{number}",
            title=f"{place}{chance.choice(FLAT_NAMES)}{layout}（{chance.choice(FLAT_EXTRAS)}）",
            division_code=code,
            address=f"{place}{chance.choice(STREETS)} {chance.randrange(1, 300)} 号",
            location=Point(seats[code].latitude + aside[0], seats[code].longitude + aside[1])
            if chance.randrange(10)
            else None,
            monthly_rent_fen=usual_yuan * _FEN * (100 - discount) // 100,
            discount_percent=discount,
            area_square_meters=chance.randrange(18, 30) + 22 * bedrooms,
            bedrooms=bedrooms,
            contact_url=f"https://flats.example/{number}",
            available_from=today + timedelta(days=chance.randrange(7, 90))
            if not chance.randrange(4)
            else None,
        )
