"""Hostels (青年驿站) and, in a folder of their own, rentals (青年安居): programme 2."""
