"""A plan's graph as Mermaid or DOT."""

import json
from collections.abc import Sequence

from pipeforge.planning import Plan

Edges = Sequence[tuple[str, str]]

_SHAPES = {"success": ('["', '"]'), "failure": ('{{"', '"}}'), "always": ('(["', '"])')}


def mermaid(plan: Plan, edges: Edges) -> str:
    """Rectangles run on success, hexagons on failure, rounded ones always."""
    names = {step.id: f"s{number}" for number, step in enumerate(plan.steps)}
    out = ["flowchart LR"]
    for step in plan.steps:
        left, right = _SHAPES[step.run_when]
        out.append(f"  {names[step.id]}{left}{step.id}<br/>{step.kind.name}{right}")
    dotted = {step.id for step in plan.steps if step.run_when != "success"}
    out += [f"  {names[need]} {'-.->' if id_ in dotted else '-->'} {names[id_]}" for need, id_ in edges]
    return "\n".join(out) + "\n"


def dot(plan: Plan, edges: Edges) -> str:
    """For Graphviz; dashed edges lead to steps that run on failure or always."""
    out = [f"digraph {json.dumps(plan.pipeline)} {{", "  rankdir=LR;", "  node [shape=box];"]
    for step in plan.steps:
        label = json.dumps(f"{step.id}\n{step.kind.name}")
        out.append(f"  {json.dumps(step.id)} [label={label}];")
    dashed = {step.id for step in plan.steps if step.run_when != "success"}
    for need, id_ in edges:
        out.append(f"  {json.dumps(need)} -> {json.dumps(id_)}{' [style=dashed]' if id_ in dashed else ''};")
    return "\n".join([*out, "}"]) + "\n"
