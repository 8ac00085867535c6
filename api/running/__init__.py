"""What the commands that start servers are made of."""
