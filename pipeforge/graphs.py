"""Questions about the whole graph of a plan: waves, edges that say nothing new. The one door to networkx."""

import networkx as nx

from pipeforge.planning import Plan


def waves(plan: Plan) -> list[list[str]]:
    """The steps that can run side by side, wave after wave, each in the plan's order."""
    place = {step.id: number for number, step in enumerate(plan.steps)}
    return [sorted(wave, key=place.__getitem__) for wave in nx.topological_generations(_graph(plan))]


def edges(plan: Plan) -> list[tuple[str, str]]:
    """(need, step) pairs in the plan's order, without those that follow from others."""
    reduced = nx.transitive_reduction(_graph(plan))
    return [(need, step.id) for step in plan.steps for need in step.needs if reduced.has_edge(need, step.id)]


def _graph(plan: Plan) -> "nx.DiGraph[str]":
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(step.id for step in plan.steps)
    graph.add_edges_from((need, step.id) for step in plan.steps for need in step.needs)
    return graph
