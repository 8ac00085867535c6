"""What a division may decide for itself about mentorship. What a mentor decides (capacity, pause) is the mentor's row."""

from domain.core.policy import Policy

OPEN_MOST = Policy("mentorship.open_most", 3, "Requests that a youth may have waiting for an answer.")
RESPOND_HOURS = Policy("mentorship.respond_hours", 72, "Hours after which an unanswered request lapses.")
REMIND_HOURS = Policy("mentorship.remind_hours", 48, "Hours after which whoever must answer is reminded.")
CANCEL_HOURS = Policy(
    "mentorship.cancel_hours", 12, "Hours before a session until which it may be cancelled or moved."
)
RESCHEDULES_MOST = Policy("mentorship.reschedules_most", 2, "How often a session may be moved.")
COMPLETE_AFTER_HOURS = Policy(
    "mentorship.complete_after_hours",
    72,
    "Hours after a session at which it counts as held when nobody said otherwise.",
)
COMPLETE_WITHOUT_SLOT_DAYS = Policy(
    "mentorship.complete_without_slot_days",
    30,
    "Days after which an accepted request without a time of its own counts as done.",
)
