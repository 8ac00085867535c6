"""
Rentals (青年安居): flats that partners let to young people below the usual rent. There is no booking here.

Two switches decide whether a flat is listed: the partner's (posted or withdrawn) and the staff's (taken down or not).
Neither side turns the other's.
"""
