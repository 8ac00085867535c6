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
BURST_MINUTES = Policy(
    "volunteering.burst_minutes",
    10,
    "Minutes within which records that come in are looked at together as a burst.",
)
BURST_OF_PERSON = Policy(
    "volunteering.burst_of_person",
    20,
    "Records of one person by one organization within a burst that are told to staff: nobody serves so often that a month of"
    " it is written down in one go.",
)
BURST_OF_ORGANIZATION = Policy(
    "volunteering.burst_of_organization",
    5_000,
    "Records of one organization within a burst that are told to staff: ten full calls, more than any event has.",
)
TRAVEL_KILOMETRES = Policy(
    "volunteering.travel_kilometres",
    60,
    "Kilometres between the seats of two divisions from which on a way is looked at: nearer, the seats do not tell where in"
    " their divisions somebody was.",
)
TRAVEL_KILOMETRES_AN_HOUR = Policy(
    "volunteering.travel_kilometres_an_hour",
    150,
    "Kilometres an hour, as the crow flies and from door to door, beyond which nobody comes from one service to the next: a"
    " train of 300 km/h with the ways to it and from it.",
)
PEERS_LEAST = Policy(
    "volunteering.peers_least",
    8,
    "So many peers at least an organization is compared with: of fewer, a median says nothing.",
)
ABOVE_PEERS = Policy(
    "volunteering.above_peers",
    3.5,
    "By how many robust standard deviations (0.6745 x distance from the median / median absolute deviation) an organization"
    " may lie above its peers: the limit of Iglewicz and Hoaglin (1993).",
)
CERTIFICATES_A_DAY = Policy(
    "volunteering.certificates_a_day", 10, "How many certificates of service a volunteer may have in a day."
)
CARE_FUND_FEN = Policy(
    "volunteering.care_fund_fen", 1_000_000_000, "What the care fund holds when it is first used, in fen."
)
CARE_TWO_ABOVE_FEN = Policy(
    "volunteering.care_two_above_fen",
    500_000,
    "Amount in fen above which two members of staff must approve a claim.",
)
