"""What looks unlikely in records of service: figures for staff to look into, not judgments."""
