"""What a division may decide for itself about its youths' accounts."""

from domain.core.policy import Policy

REAL_NAME_CLAIMS_A_DAY = Policy(
    "accounts.real_name_claims_a_day",
    5,
    "How often a day a youth may have a name and an identity number checked.",
)
