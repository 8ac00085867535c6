"""Cases (12355): requests for help that somebody takes, handles and sees done. Programmes open them; staff work on them."""
