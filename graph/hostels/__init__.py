"""Hostels and rentals in the schema: programme 2."""

# How notices are worded is known once this is imported.
from domain.hostels import notices

__all__ = ["notices"]
