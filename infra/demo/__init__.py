"""Demo data, made up from a small vocabulary: nothing in it is anybody's."""
