"""Rentals in the schema."""

# How notices are worded is known once these are imported.
from domain.hostels.rentals import notices

__all__ = ["notices"]
