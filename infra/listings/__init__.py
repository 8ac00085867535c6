"""Real listings of other sites, brought in by a partner: read, mapped to the contract's inputs, posted over HTTP."""
