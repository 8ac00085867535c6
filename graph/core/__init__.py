"""What every programme's part of the schema shares: ids, errors, lists, mutations. Knows no programme."""
