"""Where the project and its pages stand on the web: the one place that names an address of ours."""

PROJECT = "https://pipeforge.example"
"""chosen: a reserved name that nobody can own, until the project has an address of its own."""


def rule_page(code: str) -> str:
    """The page of a rule."""
    return f"{PROJECT}/rules/{code}"
