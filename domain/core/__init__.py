"""What every programme shares: refusals, actors, transactions, states, outbox, lists. Knows no programme."""
