"""A whole problem folder from one CSV: what is found in the table, and the files that say it."""

from mlops.init.table.problem import Problem, problem_from

__all__ = ["Problem", "problem_from"]
