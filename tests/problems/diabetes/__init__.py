"""The problem: how far will a patient's diabetes have progressed in a year?

442 patients (Efron, Hastie, Johnstone, Tibshirani, 2004), as scikit-learn ships them. A regression
whose data does not arrive in parts.
"""
