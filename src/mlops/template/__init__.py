"""The template that a copy was made from: how far behind it is, and the merge of a newer version.

What stands in the template is data here: its files are compared and merged, and none of them runs.
"""
