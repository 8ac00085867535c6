"""Organizations and their API tokens in the schema."""
