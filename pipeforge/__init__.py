"""pipeforge: pipelines as code over SaaS data tools, each step triggered once, or we say so."""

from pipeforge.loading import load

__version__ = "0.1.0"

# The public face. Each name is loaded when first asked for: `pipeforge --version` pays for none of them.
_PUBLIC = {
    "Adapter": "pipeforge.adapter",
    "Guarantee": "pipeforge.adapter",
    "Kind": "pipeforge.adapter",
    "Observation": "pipeforge.adapter",
    "Outcome": "pipeforge.adapter",
    "AdapterError": "pipeforge.errors",
    "InDoubt": "pipeforge.errors",
    "InvalidPipeline": "pipeforge.errors",
    "PipeforgeError": "pipeforge.errors",
    "Rejected": "pipeforge.errors",
    "Transient": "pipeforge.errors",
    "UsageError": "pipeforge.errors",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> object:
    if name in _PUBLIC:
        return load(f"{_PUBLIC[name]}:{name}")
    raise AttributeError(f"module 'pipeforge' has no attribute {name!r}")
