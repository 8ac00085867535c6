"""Matchmaking in the schema: programme 3."""

# What is waiting for staff and how notices are worded is known once these are imported.
from domain.matchmaking import notices, reviews

__all__ = ["notices", "reviews"]
