"""The views that the templates print: all decisions are made here, none in the templates."""
