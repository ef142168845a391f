"""Runs and versions: what was trained, from what, and which one serves."""
