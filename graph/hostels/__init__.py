"""Hostels and rentals in the schema: programme 2."""
