"""What is measured: the work of a caller, once with a client package and once with raw libraries.

Ours and the vendor's package have one import name and, in what is used here, one set of methods, so
the same function serves both: it is run by the Python of two virtual environments.
"""
