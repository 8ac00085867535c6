"""The province in full: millions of volunteers and their ledger, by COPY."""
