"""Mentorship in the schema: programme 5."""

# How notices are worded is known once this is imported.
from domain.mentorship import notices

__all__ = ["notices"]
