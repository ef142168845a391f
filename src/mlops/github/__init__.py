"""GitHub: who a run belongs to, what it left, the comment, the labels, the lines that are kept.

Everything here runs main's code with a token. What a pull request's own job left is data to it:
measured, unpacked by a list of names, checked against a schema, and never executed or unpickled.
"""
