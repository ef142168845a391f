"""From the feature table to fitted estimators with reproducible bytes."""
