"""Enums of matchmaking."""

from domain.matchmaking.states import Admission, EventStatus, SignupStatus
from graph.core.enums import served

served(Admission, "How seats are given: to the first, or by a draw after sign-up has closed.")
served(EventStatus, "FULL: no seat left for either sex.")
served(SignupStatus, "How far a sign-up has come.")

__all__ = ["Admission", "EventStatus", "SignupStatus"]
