"""A backtest as a picture, as a page, and in the terminal."""
