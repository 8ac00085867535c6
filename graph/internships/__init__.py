"""Internships in the schema: programme 1."""
