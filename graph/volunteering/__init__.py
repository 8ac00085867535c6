"""Volunteer hours and perks in the schema: programme 4."""

# How notices are worded, what waits for staff and what a youth has is known once these are imported.
from domain.volunteering import notices, reviews
from domain.volunteering.care import reviews as care_reviews
from graph.volunteering import account, certificates

__all__ = ["account", "care_reviews", "certificates", "notices", "reviews"]
