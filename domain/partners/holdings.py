"""Partners hold nothing about youths: organizations act through tokens, not through persons."""

NO_YOUTHS = {
    "partners_api_token.replaces_id": "the token that it came in place of",
}
