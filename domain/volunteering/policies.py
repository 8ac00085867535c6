"""What a division decides for itself about volunteering."""

from domain.core.policy import Policy

DAY_POSTS_MINUTES = Policy(
    "volunteering.day_posts_minutes",
    8 * 60,
    "Minutes of service of one person on a day that post at once; beyond, a second person decides.",
)
DAY_UNIT_DECIDES_MINUTES = Policy(
    "volunteering.day_unit_decides_minutes",
    12 * 60,
    "Minutes on a day up to which the organization's unit decides; beyond, the province.",
)
POINTS_LAST_YEARS = Policy("volunteering.points_last_years", 2, "Years after which points lapse.")
UNKNOWN_KEPT_DAYS = Policy(
    "volunteering.unknown_kept_days",
    90,
    "Days for which service is kept for a number that nobody has signed up with.",
)
CARE_FUND_FEN = Policy(
    "volunteering.care_fund_fen", 1_000_000_000, "What the care fund holds when it is first used, in fen."
)
CARE_TWO_ABOVE_FEN = Policy(
    "volunteering.care_two_above_fen",
    500_000,
    "Amount in fen above which two members of staff must approve a claim.",
)
