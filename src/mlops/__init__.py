"""The machinery around a problem: checks, pipeline, judgement, delivery and watch.

    cli/          `mlops …`, the one vocabulary of people, hooks and CI
    contract.py   what src/problem/ declares, checked at load
    params.py     params.yaml, checked at load
    data/         the raw files: obtain, pin, read, check
    training/     fitted estimators with reproducible bytes
    evaluation/   metrics, intervals, slices, curves
    stages/       one file a DVC stage
    report/       what people read: tables, Markdown, pictures
    registry/     runs and versions

Arrows point one way: this package imports `problem`, never the other way round.
"""
