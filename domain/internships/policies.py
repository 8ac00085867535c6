"""What a division may decide for itself about internships."""

from domain.core.policy import Policy

OPEN_APPLICATIONS_MOST = Policy(
    "internships.open_applications_most", 20, "Open applications a youth may have at once."
)
PUBLISH_AT_ONCE = Policy(
    "internships.publish_at_once",
    True,
    "A verified organization with a clean record publishes without review.",
)
CLEAN_RECORD_DAYS = Policy(
    "internships.clean_record_days", 180, "Days without a listing refused by staff that make a clean record."
)
TRUST_UNKNOWN_EMPLOYEES = Policy(
    "internships.trust_unknown_employees", False, "Publish posts of an organization whose size is unknown."
)
SHARE_OF_EMPLOYEES = Policy(
    "internships.share_of_employees",
    0.30,
    "Published headcount of an organization over its employees, at most.",
)
MINIMUM_WAGE_MONTH_FEN = Policy(
    "internships.minimum_wage_month_fen", 172_000, "The division's minimum wage a month, in fen."
)
APPRENTICE_SHARE_OF_WAGE = Policy(
    "internships.apprentice_share_of_wage",
    0.80,
    "An apprenticeship's stipend over the minimum wage, at least.",
)
BANNED_INDUSTRIES = Policy(
    "internships.banned_industries",
    ["6233", "8051", "9011"],
    "GB/T 4754-2017 codes, with all below them, of places where no youth is sent: bars, bathhouses, nightclubs and"
    " karaoke halls (职业学校学生实习管理规定).",
)
REMIND_AFTER_DAYS = Policy(
    "internships.remind_after_days", 7, "Days after which an unanswered application reminds the organization."
)
