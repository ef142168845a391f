"""A look at a model, told: Markdown, a page, a table in the terminal."""
