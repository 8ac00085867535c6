"""Volunteer hours and perks: programme 4 of programmes.md. The ledger here; `perks` and `care` beside it."""
