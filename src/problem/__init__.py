"""The problem: will a flight arrive 15 minutes late or more, as known at its scheduled departure?

This folder is yours. Replace its modules, keep their names, and everything else follows:

    source.py      where the raw files come from
    schema.py      what they must look like
    features.py    what the model may know, and when
    model.py       the task and its estimators
    slices.py      the groups that must not be let down
    behaviour.py   what any sane model must do
    card.md        what the model is for, and what not
    data_card.md   where the data is from, under what licence, and its faults
"""
