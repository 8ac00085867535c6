"""Organizations and their API tokens in the schema."""

# What is waiting for staff and how notices are worded is known once these are imported.
from domain.partners import notices, reviews

__all__ = ["notices", "reviews"]
