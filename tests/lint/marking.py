"""Texts that mark with « and » where findings are expected to stand."""

HEAD = """\
name: orders
connections:
  trocco: {vendor: trocco, api_key: "${{ secrets.K }}"}
defaults: {timeout: 1h}
"""
LOAD = """\
steps:
  a:
    uses: trocco.run_job
    with: {job_definition_id: 1}
"""


def unmarked(text):
    """The text without its marks, and each marked span as (line, column, end line, end column)."""
    spans, open_, out, line, column = [], [], [], 1, 1
    for char in text:
        if char == "«":
            open_.append((line, column))
        elif char == "»":
            spans.append((*open_.pop(), line, column))
        else:
            out.append(char)
            line, column = (line + 1, 1) if char == "\n" else (line, column + 1)
    return "".join(out), sorted(spans)


def told(report):
    """Every finding as (code, span)."""
    return [(one.code, tuple(one.span)) for one in report.diagnostics]
