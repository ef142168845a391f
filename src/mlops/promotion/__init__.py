"""A merge to main becomes the champion, is refused, or steps aside; each step checks, then acts.

In order:

plan.py        is there something to promote, and may it be?
judging.py     the gates once more, on main, against the promoted champion (approval.py,
               fetching.py); accept.py makes a candidate of what they accept
packaging.py   the image, by digest, in the repository's registry
attestation.py who built it: verified before anything points at it
smoke.py       that very digest, started and asked
release.py     the version: its tag, and its release page
champion.py    the champion: the stage tag, then its mirrors
outcome.py     what became of the merge, as a commit status

And beside it: rollback.py, hold.py, reconcile.py, preflight.py, push.py. Each step as a command:
steps.py; all of them: everything.py.
"""
