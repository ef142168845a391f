"""`mlops github setup`: what the repository is to be set to on GitHub, shown first, then applied.

step.py            a setting, how it is, how it is to be, and the calls that make it so
actions.py         Actions are on, and may open pull requests
labels.py          the labels that workflows look for
environments.py    the environments that workflows enter, for the default branch alone
pages.py           the dashboard as a site
rulesets.py        what .github/rulesets/ says of the main branch and of versions
plan.py            all of them, read
apply.py           shown, asked, done
"""
