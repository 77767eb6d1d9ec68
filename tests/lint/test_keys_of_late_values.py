"""A key is checked although its value is a template that nobody can read yet."""

from pathlib import Path

from pipeforge.commands import vendors
from pipeforge.lint.linter import check

PIPELINE = """\
name: p
connections:
  t: {vendor: trocco, api_key: "${{ secrets.K }}"}
steps:
  a:
    uses: trocco.run_job
    with:
      job_definition_id: 1
      custom_variables:
        region: ${{ context_time | iso }}
        $day$: ${{ context_time | iso }}
"""


def test_the_name_of_a_variable_is_checked_whatever_its_value(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(PIPELINE, encoding="utf-8")
    found = check(path, vendors.catalog()).diagnostics
    assert [(one.code, one.span.line, one.span.column) for one in found] == [("PF405", 10, 9)]
