"""Internships in the schema: programme 1."""

# What is waiting for staff and how notices are worded is known once these are imported.
from domain.internships import notices, reviews

__all__ = ["notices", "reviews"]
