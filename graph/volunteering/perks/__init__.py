"""Perks in the schema."""
