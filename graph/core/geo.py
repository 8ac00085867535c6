"""Places on the map, as clients give and see them."""

import strawberry

from domain.core.geo import Point


@strawberry.type(description="A place on the map.")
class GeoPoint:
    latitude: float = strawberry.field(description="Degrees north (WGS 84), -90 to 90.")
    longitude: float = strawberry.field(description="Degrees east (WGS 84), -180 to 180.")


@strawberry.input(description="A place on the map.")
class GeoPointInput:
    latitude: float = strawberry.field(description="Degrees north (WGS 84), -90 to 90.")
    longitude: float = strawberry.field(description="Degrees east (WGS 84), -180 to 180.")


def show_point(latitude: float | None, longitude: float | None) -> GeoPoint | None:
    """The place of a row; None when it is not known."""
    return None if latitude is None or longitude is None else GeoPoint(latitude=latitude, longitude=longitude)


def point_of(given: GeoPointInput | None) -> Point | None:
    return None if given is None else Point(given.latitude, given.longitude)
