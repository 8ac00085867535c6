"""Certificates of service: what a volunteer has done, for others to check."""
