"""The names that templates of other tools use, and ours for them."""

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "variables": "custom_variables",
    "vars": "custom_variables",
    "var": "custom_variables",
    "inputs": "custom_variables",
    "params": "custom_variables",
    "parameters": "custom_variables",
    "jobs": "steps",
    "tasks": "steps",
    "needs": "steps",
    "outputs": "steps",
    "execution_date": "context_time",
    "logical_date": "context_time",
    "ds": "context_time",
    "session_time": "context_time",
    "now": "context_time",
    "today": "context_time",
    "each": "item",
    "matrix": "item",
    "secret": "secrets",
    "environment": "env",
}
"""The names other tools' templates use, and ours."""
