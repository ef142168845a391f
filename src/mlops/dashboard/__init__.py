"""The pages that a team believes its loop by: what git knows of a model, and nothing else.

facts.py      all that the pages show, gathered from tags, ledger and commits; site.json
releases.py   every version: what made it, how good it was
reigns.py     who was the champion, from when until when
delivery.py   how delivery goes, in figures
audit.py      who did what to the champion, when, and on whose word
cards.py      what is said of a model and its data at a commit
site.py       the folder: whole, or not at all

What the pages look like is in report/dashboard/.
"""
