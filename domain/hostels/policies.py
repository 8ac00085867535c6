"""What a division may decide for itself about hostels. What a hostel decides (nights a year, a stay, ahead) is its row."""

from domain.core.policy import Policy

HOLD_MINUTES = Policy(
    "hostels.hold_minutes", 120, "Minutes for which a bed that came free is held for the earliest in line."
)
CANCEL_UNTIL_HOUR = Policy(
    "hostels.cancel_until_hour", 18, "Hour of the check-in day, in Shanghai, until which a guest may cancel."
)
NO_SHOW_FROM_HOUR = Policy(
    "hostels.no_show_from_hour",
    22,
    "Hour of the check-in day, in Shanghai, from which who has not come is a no-show.",
)
NO_SHOWS_THAT_BAR = Policy("hostels.no_shows_that_bar", 2, "No-shows within the days below that bar a guest.")
NO_SHOW_WITHIN_DAYS = Policy("hostels.no_show_within_days", 180, "Days within which no-shows count together.")
BARRED_DAYS = Policy("hostels.barred_days", 90, "Days for which a guest is barred after the last of them.")
