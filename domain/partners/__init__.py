"""Partner organizations and their API tokens."""
