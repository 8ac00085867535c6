"""People and units: youths, staff, the tree of units."""
