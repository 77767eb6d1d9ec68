"""What lint needs to know of the vendors, apart from all that running a pipeline needs."""

from pipeforge import adapters
from pipeforge.language.subpipeline import Kinds
from pipeforge.lint.catalog import Catalog


def catalog() -> Catalog:
    """Every kind, vendor and connection model, each loaded when it is asked for."""
    return Catalog(Kinds(adapters.kinds()), adapters.vendors(), adapters.connection_model)
