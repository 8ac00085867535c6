"""Certificates in the schema: read, looked up by number, revoked; their programmes issue them."""

# How notices are worded is known once this is imported.
from domain.certificates import notices

__all__ = ["notices"]
