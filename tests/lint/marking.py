"""Texts that mark with « and » where findings are expected to stand."""

HEAD = """\
name: orders
connections:
  trocco: {vendor: trocco, api_key: "${{ secrets.K }}"}
defaults: {timeout: 1h}
"""
CONNECTIONS = """\
name: p
connections:
  t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}
  r: {vendor: reckoner, access_token: "${{ secrets.R }}"}
  td: {vendor: treasure, region: aws, api_key: "${{ secrets.TD }}"}
  w: {vendor: workato, data_center: jp, api_token: "${{ secrets.W }}"}
  k:
    vendor: krewdata
    unit_id: ${{ secrets.UNIT }}
    krewdata_app_url: https://example.cybozu.com/k/123
    serial_number: ${{ secrets.SERIAL }}
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
