"""The reference pages of the files that a person writes: the pipeline, the project, the emulators' world."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from pipeforge.reports.fields import Docs, chapter

_PIPELINE = """\
# The pipeline file

One YAML file: a name and steps. Durations are written `90s`, `5m`, `2h`, `1d` or `1h30m`. Templates,
which have a page of their own, stand in `with`, `if`, `foreach.items`, `custom_variables`, `records` and
`connections`.

```yaml
name: 夜間売上
steps:
  load: {uses: trocco.run_job, with: {job_definition_id: 1201}}
  clean:
    needs: load
    uses: reckoner.run_workflow
    foreach: {items: [東京, 大阪], as: store, max_parallel: 1}
    with: {workflow_id: 42, parameters: {store: "${{ store }}"}}
  page_someone: {needs: clean, run_when: failure, uses: workato.poll_recipe, with: {recipe_id: 9110}}
```
"""

_PROJECT = """\
# The project file, pipeforge.yaml

What the pipelines of a folder share; the nearest one at or above a pipeline holds for it. Secrets come from
the environment or from a file `.env` beside it, a line `NAME=value` for each.

```yaml
connections:
  td: {vendor: treasure, region: aws-tokyo, api_key: "${{ secrets.TD_API_KEY }}"}
environments:
  staging: {connections: {td: {region: aws}}}    # chosen with --env staging
```
"""

_WORLD = """\
# The world file

What the emulators of `pipeforge run --emulate` and `pipeforge emulate` find at each vendor, how its jobs go,
and which calls go wrong. Times are seconds, without a unit. What is left out exists and succeeds. With
`afresh: true` every new run begins at the beginning, as in what `run --record` writes; without it the
emulators go on with what earlier runs left behind.

```yaml
trocco:
  job_definitions:
    1201: {course: {stages: {queued: 0.5, executing: 3}, outcome: error}}
faults:
  - {vendor: trocco, route: POST /api/jobs, do: lose_answer, nth: 1}
```
"""


def pipeline_page(parts: Sequence[tuple[str, type[BaseModel]]], docs: Docs) -> str:
    """Markdown. `parts`: headings and what stands below them."""
    return _page(_PIPELINE, parts, docs)


def project_page(model: type[BaseModel], docs: Docs) -> str:
    """Markdown."""
    return _page(_PROJECT, [("## Keys", model)], docs)


FAULTS = {
    "lose_answer": "the work is done, then the connection is cut",
    "drop": "the connection is cut before the work",
    "unreachable": "the connection is refused, so that nothing is sent; over a socket like `drop`",
    "slow": "the answer comes `seconds` late; with `after: false` it waits before the work",
    "html": "an HTML page instead of JSON",
    "empty": "no body",
    "truncated": "half of the body",
    "unknown_status": "the job's status is `word`",
    "backwards": "the job's status is the first one again",
    "wrong_types": "whole numbers as text, and numerals as numbers",
    "rewrite": "`values`: key to value, wherever the key occurs in the answer",
    "nulls": "every value is null",
    "emptied": "every list is empty: what was made is not listed yet, or no more",
    "wrapped": "the answer stands in a list",
    "answer": "the answer is `body`, with `status` (200 when none is named): what `run --record` writes",
}
"""What a fault can do at every vendor; each vendor also refuses in its own words."""

_REFUSALS = """\
The vendor's own refusals: `unauthorized`, `forbidden`, `not_found`, `rate_limited`, `server_error`, and more
that a wrong name lists."""


def world_page(sections: Mapping[str, type[BaseModel]], fault: type[BaseModel], docs: Docs) -> str:
    """Markdown."""
    parts = [(f"## `{vendor}`", model) for vendor, model in sections.items()]
    does = (f"- `{name}`: {what}" for name, what in FAULTS.items())
    listed = ["", "What a fault can do (`do`):", "", *does, "", _REFUSALS]
    return _page(_WORLD, [*parts, ("## `faults`", fault)], docs) + "\n".join(listed) + "\n"


def _page(intro: str, parts: Sequence[tuple[str, type[BaseModel]]], docs: Docs) -> str:
    return intro + "".join("\n" + "\n".join(chapter(title, model, docs)) + "\n" for title, model in parts)
