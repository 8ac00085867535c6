"""The care fund in the schema."""
