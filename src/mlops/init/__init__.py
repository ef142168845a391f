"""A copy of the template becomes yours: names, owner, and a problem of your own."""
