"""Perks for volunteers: what merchants give, its stock, and the codes by which it is redeemed."""
