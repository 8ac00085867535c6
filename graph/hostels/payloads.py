"""What mutations of hostels give back."""

import strawberry

from graph.core.errors import UserError
from graph.hostels.bookings import HostelBooking
from graph.hostels.hostels import Hostel


@strawberry.type(description="The hostel as it is now.")
class HostelPayload:
    hostel: Hostel | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]


@strawberry.type(description="The booking as it is now.")
class HostelBookingPayload:
    booking: HostelBooking | None = strawberry.field(description="Null when refused.")
    user_errors: list[UserError]
