"""Matchmaking: programme 3 (粤团聚)."""
