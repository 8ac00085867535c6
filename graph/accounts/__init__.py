"""People, places and units in the schema."""

# How notices are worded is known once these are imported.
from domain.accounts import notices

__all__ = ["notices"]
