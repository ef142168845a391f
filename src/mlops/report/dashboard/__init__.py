"""The dashboard's pages: rendering only; every figure is computed in mlops.dashboard."""
