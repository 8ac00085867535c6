"""What queries and mutations of hostels take."""

from datetime import date

import strawberry

from domain.accounts.models import Gender as Sex
from domain.core.divisions import asked_for
from domain.hostels.finding import HostelFilter as Asked
from domain.hostels.saving import HostelFields, RoomFields
from graph.accounts.enums import Gender
from graph.core.geo import GeoPointInput, point_of
from graph.core.ids import Tag, decode_if
from graph.core.scalars import PhoneNumber


def _sex(gender: Gender | None) -> Sex | None:
    return None if gender is None else Sex(gender.value)


@strawberry.input(description="Every part given must fit.")
class HostelFilter:
    text: str | None = strawberry.field(
        description="Words of name, address and amenities, Chinese first.", default=None
    )
    division_codes: list[str] | None = strawberry.field(
        description="A city code takes in its counties.", default=None
    )
    near: GeoPointInput | None = strawberry.field(description="The nearest to it first.", default=None)
    within_meters: int | None = strawberry.field(description="At most so far from `near`.", default=None)
    available_from: date | None = strawberry.field(
        description="With one bed that is free from this night on.", default=None
    )
    available_nights: int | None = strawberry.field(
        description="For so many nights; 1 when absent.", default=None
    )
    gender: Gender | None = strawberry.field(description="In a room that takes this sex.", default=None)

    def to_domain(self) -> Asked:
        return Asked(
            text=self.text,
            division_codes=asked_for(self.division_codes),
            near=point_of(self.near),
            within_meters=self.within_meters,
            available_from=self.available_from,
            available_nights=self.available_nights,
            gender=_sex(self.gender),
        )


@strawberry.input(description="A stay to book.")
class BookHostelStayInput:
    hostel_id: strawberry.ID = strawberry.field(description="At which hostel.")
    check_in: date = strawberry.field(description="The day of arrival.")
    nights: int = strawberry.field(description="How many nights.")
    idempotency_key: str
    room_id: strawberry.ID | None = strawberry.field(
        description="Any room of the guest's gender when absent.", default=None
    )
    purpose: str | None = strawberry.field(
        description="What the guest comes for, 1 to 200 characters.", default=None
    )
    guest_phone: PhoneNumber | None = strawberry.field(
        description="By the desk: the guest's number.", default=None
    )


@strawberry.input(description="A stay to wait for.")
class JoinHostelWaitlistInput:
    hostel_id: strawberry.ID = strawberry.field(description="At which hostel.")
    check_in: date = strawberry.field(description="The day of arrival.")
    nights: int = strawberry.field(description="How many nights.")
    idempotency_key: str
    purpose: str | None = strawberry.field(
        description="What the guest comes for, 1 to 200 characters.", default=None
    )


@strawberry.input(description="Which booking to give back.")
class CancelHostelBookingInput:
    booking_id: strawberry.ID = strawberry.field(description="Which booking.")


@strawberry.input(description="Who arrives.")
class CheckInHostelGuestInput:
    hostel_id: strawberry.ID = strawberry.field(description="At which hostel.")
    check_in_code: str = strawberry.field(
        description="The code that the guest shows; the desk has looked at the identity document."
    )


@strawberry.input(description="Who leaves.")
class CheckOutHostelGuestInput:
    booking_id: strawberry.ID = strawberry.field(description="Which booking.")


@strawberry.input(description="Who did not come.")
class MarkHostelNoShowInput:
    booking_id: strawberry.ID = strawberry.field(description="Which booking.")


@strawberry.input(description="Where a guest moves to.")
class MoveHostelGuestInput:
    booking_id: strawberry.ID = strawberry.field(description="Which booking.")
    room_id: strawberry.ID = strawberry.field(description="The room to move into.")


@strawberry.input(description="A room of a hostel; without an id, the one of that name or a new one.")
class HostelRoomInput:
    name: str = strawberry.field(description="1 to 40 characters, once in a hostel.")
    beds: int = strawberry.field(description="1 to 100.")
    id: strawberry.ID | None = None
    gender: Gender | None = strawberry.field(description="Absent: mixed.", default=None)


@strawberry.input(description="A hostel; an id updates, none creates.")
class UpsertHostelInput:
    name: str = strawberry.field(description="1 to 60 characters.")
    division_code: str = strawberry.field(description="Where it is, GB/T 2260.")
    address: str = strawberry.field(description="Street and number, 1 to 200 characters.")
    rooms: list[HostelRoomInput] = strawberry.field(
        description="Rooms not named any more are retired once their last stay ends."
    )
    id: strawberry.ID | None = None
    expected_version: int | None = None
    idempotency_key: str | None = None
    unit_id: strawberry.ID | None = strawberry.field(
        description="The caller's unit when absent.", default=None
    )
    location: GeoPointInput | None = strawberry.field(description="Where it is on the map.", default=None)
    phone: str | None = strawberry.field(description="The number of its desk.", default=None)
    amenities: list[str] = strawberry.field(description="What it offers.", default_factory=list)
    free_nights_per_year: int = strawberry.field(
        description="Nights one person may stay free in a calendar year, at all hostels together.", default=7
    )
    max_nights_per_stay: int = strawberry.field(description="Nights of one stay, at most.", default=7)
    graduate_within_years: int = strawberry.field(
        description="Years since graduation within which a job seeker is eligible.", default=2
    )
    bookable_days_ahead: int = strawberry.field(
        description="A night can be booked from this many days before it.", default=90
    )

    def to_domain(self) -> HostelFields:
        return HostelFields(
            name=self.name,
            unit_id=decode_if(Tag.Unit, self.unit_id, "unit_id"),
            division_code=self.division_code,
            address=self.address,
            location=point_of(self.location),
            phone=self.phone,
            amenities=tuple(self.amenities),
            free_nights_per_year=self.free_nights_per_year,
            max_nights_per_stay=self.max_nights_per_stay,
            graduate_within_years=self.graduate_within_years,
            bookable_days_ahead=self.bookable_days_ahead,
            rooms=tuple(
                RoomFields(
                    id=decode_if(Tag.HostelRoom, room.id, "rooms", str(place), "id"),
                    name=room.name,
                    gender=_sex(room.gender),
                    beds=room.beds,
                )
                for place, room in enumerate(self.rooms)
            ),
        )


@strawberry.input(description="A room to close.")
class CloseHostelRoomInput:
    room_id: strawberry.ID = strawberry.field(description="Which room.")
    from_: date = strawberry.field(description="The first night.", name="from")
    to: date = strawberry.field(description="Exclusive.")
    reason: str = strawberry.field(description="Told to those who must move, 1 to 200 characters.")


@strawberry.input(description="A room to open again.")
class ReopenHostelRoomInput:
    room_id: strawberry.ID = strawberry.field(description="Which room.")
    from_: date = strawberry.field(description="The first night.", name="from")
    to: date = strawberry.field(description="Exclusive.")
