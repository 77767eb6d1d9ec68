"""The work as a Dagster job: `python on_dagster.py STEPS BASE_URL FOLDER`, in an environment of its own.

Ops in one graph, run in process, one after the other, on an instance that keeps its events in SQLite files:
the cheapest form that lasts, as ours does. It logs as it does by default.
"""

import sys

from dagster import DagsterInstance, DependencyDefinition, GraphDefinition, In, Nothing, OpDefinition, op
from work import Line, layers


def _op(number: int, needs: int, line: Line) -> OpDefinition:
    @op(name=f"step_{number}", ins={f"need_{place}": In(Nothing) for place in range(needs)})
    def step() -> None:
        line.step(number)

    return step


def graph(steps: int, base_url: str) -> GraphDefinition:
    """Each step needs the one above it and that one's neighbour."""
    line, ops, needed = Line(base_url), [], {}
    above: list[int] = []
    for layer in layers(steps):
        for place, number in enumerate(layer):
            needs = [above[place], above[place - 1]] if above else []
            ops.append(_op(number, len(needs), line))
            needed[f"step_{number}"] = {
                f"need_{at}": DependencyDefinition(f"step_{need}") for at, need in enumerate(needs)
            }
        above = layer
    return GraphDefinition("everything", node_defs=ops, dependencies=needed)


if __name__ == "__main__":
    job = graph(int(sys.argv[1]), sys.argv[2]).to_job()
    with DagsterInstance.local_temp(sys.argv[3]) as instance:
        assert job.execute_in_process(instance=instance).success
