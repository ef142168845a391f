"""Before a challenger's server replaces the champion's: the same requests to both, side by side.

traffic.py     recorded requests, or held-out rows made into requests
sides.py       the two servers: addresses, or export folders that are served for the while
route.py       who is asked what: all of both, or the challenger a growing share
send.py        requests out, replies and their times in
answers.py     what a reply says: decisions and scores
statistics.py  quantiles, agreement and stability, resampled by request
checks.py      pass, fail or inconclusive, against the limits in params.yaml
result.py      replay.json
render.py      the result in a terminal and as Markdown
rehearse.py    all of it, in order
"""
