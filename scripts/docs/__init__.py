"""The source of the documentation site: the pages of ``docs/``, and references made from code."""
