"""Each number, given all others: what is left of it after a linear prediction from them.

Seasons move the weather, but hardly how its quantities go together; another unit, or a join to the
wrong rows, breaks just that. With the precision matrix O of standardised numbers z, the regression
of number j on all others leaves (z O)_j / O_jj (Lauritzen, Graphical Models, 1996, section 5.1.3).
A ridge on the correlations keeps O from blowing up where numbers repeat one another (Hoerl and
Kennard, 1970). A gap counts as the mean of its number, and has no residual itself.
"""

from dataclasses import dataclass

import numpy as np

from mlops.evaluation.predict import Array

RIDGE = 1e-2


@dataclass(frozen=True)
class Relations:
    """How some numbers go together in the reference."""

    coefficients: Array
    """Of the residuals: shape (numbers, numbers), the diagonal is 1."""

    @classmethod
    def of(cls, standard: Array) -> "Relations":
        """Learn them from standardised numbers, shape (n, numbers), NaN for gaps."""
        z = np.nan_to_num(standard)
        products = z.T @ z / max(len(z), 1)
        deviations = np.sqrt(np.diag(products))
        deviations[deviations == 0] = 1.0  # a constant goes with nothing
        correlations = products / np.outer(deviations, deviations)
        np.fill_diagonal(correlations, 1.0)
        precision = np.linalg.inv(correlations + RIDGE * np.eye(len(deviations)))
        return cls(precision / np.diag(precision) * np.divide.outer(1 / deviations, 1 / deviations))

    def residuals(self, standard: Array) -> Array:
        """What is left of each number, in the same units and shape; NaN where it is a gap."""
        left = np.nan_to_num(standard) @ self.coefficients
        return np.where(np.isnan(standard), np.nan, left)
