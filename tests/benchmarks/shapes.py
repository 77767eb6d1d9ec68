"""Graphs of steps for benchmarks, and the pipeline files that spell them."""

from collections.abc import Sequence

Layers = Sequence[Sequence[str]]
"""Step ids, layer after layer: what stands in one layer may run side by side."""

IN_FLIGHT = 64
_INSTANT = "${{ context_time }}"


def layers(steps: int, width: int = 100) -> list[list[str]]:
    """`steps` steps in layers of `width`."""
    return [[f"step_{first + number}" for number in range(width)] for first in range(0, steps, width)]


def tiers(steps: int) -> list[list[str]]:
    """Narrower layers, as pipelines have them."""
    return layers(steps, 20)


def wide(steps: int) -> list[list[str]]:
    """All side by side."""
    return layers(steps, steps)


def chain(steps: int) -> list[list[str]]:
    """One after the other."""
    return layers(steps, 1)


SHAPES = {"layers": layers, "wide": wide, "chain": chain}
BY_NAME = SHAPES | {"tiers": tiers}


def needs(graph: Layers) -> dict[str, list[str]]:
    """Each step needs the one above it and that one's neighbour."""
    found: dict[str, list[str]] = {}
    for depth, layer in enumerate(graph):
        above = graph[depth - 1] if depth else []
        for place, step in enumerate(layer):
            found[step] = list(dict.fromkeys((above[place], above[place - 1]))) if above else []
    return found


def pipeline(graph: Layers, base_url: str, *, interval: str = "1s", running: int = IN_FLIGHT) -> str:
    """A pipeline file: every step starts a workflow (one request) and looks at its job (another)."""
    lines = [
        "name: benchmark",
        "connections:",
        "  trocco:",
        "    vendor: trocco",
        "    api_key: ${{ secrets.TROCCO_API_KEY }}",
        f"    base_url: {base_url}",
        f"    limits: {{requests: 1000000/1s, running: {running}}}",
        "defaults:",
        "  timeout: 10m",
        f"  poll: {{interval: {interval}, max_interval: {interval}}}",
        "steps:",
    ]
    for number, (step, needed) in enumerate(needs(graph).items(), start=1):
        lines.append(f"  {step}:")
        if needed:
            lines.append(f"    needs: [{', '.join(needed)}]")
        lines.append("    uses: trocco.run_workflow")
        lines.append(
            f"    with: {{pipeline_definition_id: {number}, context_time: '${{{{ context_time }}}}'}}"
        )
    return "\n".join(lines) + "\n"


TWENTY_STEPS = """name: nightly
description: Twenty steps of the usual kind, for measuring lint.
timezone: Asia/Tokyo
custom_variables:
  region: {type: string, enum: [jp, us], default: jp}
  target_date: ${{ context_time | date("%Y-%m-%d") }}
connections:
  trocco: {vendor: trocco, api_key: "${{ secrets.TROCCO_API_KEY }}"}
defaults:
  timeout: 2h
steps:
  load_0:
    uses: trocco.run_job
    with: {job_definition_id: 1200, context_time: "${{ context_time }}"}
""" + "".join(
    f"""  load_{number}:
    needs: load_{number - 1}
    description: Loads part {number} of the orders.
    uses: trocco.run_job
    with:
      job_definition_id: {1200 + number}
      context_time: ${{{{ context_time }}}}
      custom_variables:
        $target_date$: ${{{{ custom_variables.target_date }}}}
        $region$: ${{{{ custom_variables.region }}}}
        $before$: ${{{{ steps.load_{number - 1}.outputs.id }}}}
    retry: {{max_attempts: 3, delay: 1m, backoff: exponential}}
"""
    for number in range(1, 20)
)
