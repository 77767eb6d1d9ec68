"""Pipelines for the tests of `pipeforge lint` on many files, and what its JSON tells of them."""

import json

GOOD = """name: {name}
connections: {{t: {{vendor: trocco, api_key: "${{{{ secrets.KEY }}}}"}}}}
steps:
  a: {{uses: trocco.run_job, with: {{job_definition_id: 1}}, timeout: 1h}}
"""
BAD = GOOD.replace("timeout", "timeot")


def found(done):
    """Each finding's path and code."""
    return [(one["path"], one["code"]) for one in json.loads(done.out)["diagnostics"]]
