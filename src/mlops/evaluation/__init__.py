"""How good a model is: metrics, their intervals, slices, curves, behaviour."""
