"""Scheduled work of perks. Safe to run late, twice, or after a crash."""

from datetime import timedelta

from domain.core.schedule import Job
from domain.volunteering.perks.ending import run_out

JOBS = (Job("volunteering.run_out", timedelta(seconds=30), run_out),)
