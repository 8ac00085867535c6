"""What a division may decide for itself about matchmaking."""

from domain.core.policy import Policy

OPEN_SIGNUPS_MOST = Policy(
    "matchmaking.open_signups_most", 3, "Sign-ups for events not yet over that a youth may have at once."
)
NO_SHOWS_TO_BAR = Policy("matchmaking.no_shows_to_bar", 2, "So often not turning up bars from signing up.")
NO_SHOWS_COUNT_DAYS = Policy(
    "matchmaking.no_shows_count_days", 365, "Days for which a seat left empty is remembered against a youth."
)
BAR_DAYS = Policy("matchmaking.bar_days", 180, "Days that a bar lasts, from the last event missed.")
CANCEL_UNTIL_HOURS = Policy(
    "matchmaking.cancel_until_hours", 24, "Hours before the start until which a sign-up may be cancelled."
)
PROFILES_MOST = Policy(
    "matchmaking.profiles_most",
    4_000,
    "Guests of one event that another guest is shown, at most; each guest sees others of a larger event.",
)
