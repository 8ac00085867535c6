"""Changing the root keys: what depends on which of them, and how what is old is made anew."""
