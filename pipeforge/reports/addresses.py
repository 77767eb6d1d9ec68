"""Where the project and its pages stand on the web: the one place that names an address of ours."""

PROJECT = "https://github.com/pipeforge/pipeforge"
"""chosen: the same as `Source` in pyproject.toml, which a test holds."""


def rule_page(code: str) -> str:
    """The page of a rule, as the repository shows it."""
    return f"{PROJECT}/blob/main/pipeforge/lint/pages/{code}.md"
