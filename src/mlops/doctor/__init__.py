"""`mlops doctor`: is everything there, and set, that the rest takes for granted?

finding.py       what is found: ok, a note, a warning, an error, and the remedy; doctor.json
check.py         one thing to look at; what breaks while looking is a finding as well
machine.py       programs, packages, space
problem.py       what this repository declares, its data, its pipeline
place.py         git, its hooks and its origin; what a copy was to change
storage.py       the DVC remote, asked and written to; the cache
probe.py         a file written to the remote, read back and removed
hosted.py        GitHub's settings, for a token that may see them
security.py      what of docs/security.md is switched on there
versions.py      what is pinned, and what there is by now
examine.py       all checks, side by side
show.py          the tables
"""
