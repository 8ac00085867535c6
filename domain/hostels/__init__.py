"""Hostels (青年驿站) and rentals (青年安居): programme 2."""
