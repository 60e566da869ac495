# Derived by `make generate` from overrides/cartesia/resources/__init__.py.
# Do not edit: change that file.
"""The modules of the resources, as code written for the vendor's package imports them."""

import sys

from cartesia._runtime.module_aliases import ModuleAliases

sys.meta_path.append(ModuleAliases(__name__, "cartesia_rest.resources"))
