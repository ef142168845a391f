"""Pull requests submitted to see what becomes of them: bad ones, one per fault, and good ones.

    faults.py        the catalogue: what each does, by which edit, and the gate that is meant for it
    test_faults.py   each is refused, by that gate, and told with its cause
    test_benign.py   honest work is accepted, whatever it touches
    change.py        what a pull request can do to a repository
    conftest.py      the base, and a copy of it for each pull request

Each is a change of a copy of this repository, on a branch that starts at the base, and is judged as
the workflow does it: by the command `mlops pr --base main`, whose exit code, verdict and report are
all that is looked at. To be quick, the base has every third flight (of every day), fewer trees that
learn faster, and fewer resamples outside the gates; the gates and their thresholds are those of
this repository.

To add a fault, add it to the catalogue with every gate that fails: one more or one less is a
failure of the test, so that no gate changes its mind unseen.
"""
