"""What the servers counted, and what they may."""
