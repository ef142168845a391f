"""Explanations, told: a table in the terminal, a page."""
