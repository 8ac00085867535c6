"""Cases in the schema: what every programme that opens one shows of it."""

# How notices are worded, and what waits for review, is known once these are imported.
from domain.cases import notices, reviews

__all__ = ["notices", "reviews"]
