"""Did a column move further than it usually does?

moved.py        the test: corrected, several windows in a row, beside what is usual
views.py        columns in numbers that windows can be compared by
windows.py      blocks in the order of time, and how far apart
distance.py     how far apart two windows lie
relations.py    each number, given the others
histogram.py    a column before and now, to be looked at
"""
