"""People, places and units in the schema."""
