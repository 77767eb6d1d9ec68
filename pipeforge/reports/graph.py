"""A plan's graph as Mermaid or DOT."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeforge.planning import Plan

Edges = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plan and its edges, and those of the pipelines that its steps run."""

    plan: Plan
    edges: Edges
    children: "Mapping[str, Drawing]"
    """By step."""


_SHAPES = {"success": ('["', '"]'), "failure": ('{{"', '"}}'), "always": ('(["', '"])')}


def mermaid(drawing: Drawing) -> str:
    """Rectangles run on success, hexagons on failure, rounded ones always; a box around what a step runs."""
    return "\n".join(["flowchart LR", *_mermaid(drawing, "s", "  ")]) + "\n"


def _mermaid(drawing: Drawing, prefix: str, indent: str) -> list[str]:
    plan, out = drawing.plan, []
    names = {step.id: f"{prefix}{number}" for number, step in enumerate(plan.steps)}
    for step in plan.steps:
        child = drawing.children.get(step.id)
        if child is not None:
            out.append(f'{indent}subgraph {names[step.id]}["{step.id}: {child.plan.pipeline}"]')
            out += [*_mermaid(child, f"{names[step.id]}_", indent + "  "), f"{indent}end"]
            continue
        left, right = _SHAPES[step.run_when]
        out.append(f"{indent}{names[step.id]}{left}{step.id}<br/>{step.kind.name}{right}")
    dotted = {step.id for step in plan.steps if step.run_when != "success"}
    arrows = {id_: "-.->" if id_ in dotted else "-->" for id_ in names}
    return out + [f"{indent}{names[need]} {arrows[id_]} {names[id_]}" for need, id_ in drawing.edges]


def dot(drawing: Drawing) -> str:
    """For Graphviz; dashed edges lead to steps that run on failure or always."""
    name = json.dumps(drawing.plan.pipeline)
    lines = [f"digraph {name} {{", "  rankdir=LR;", "  node [shape=box];"]
    lines += ["  compound=true;"] if drawing.children else []
    return "\n".join([*lines, *_dot(drawing, "", "  "), "}"]) + "\n"


def _dot(drawing: Drawing, within: str, indent: str) -> list[str]:
    plan, out = drawing.plan, []
    for step in plan.steps:
        name, child = within + step.id, drawing.children.get(step.id)
        label = json.dumps(f"{step.id}\n{child.plan.pipeline if child else step.kind.name}")
        out.append(f"{indent}{json.dumps(name)} [label={label}];")
        if child is not None:
            out.append(f"{indent}subgraph {json.dumps('cluster ' + name)} {{")
            out.append(f"{indent}  label={json.dumps(child.plan.pipeline)};")
            out += [*_dot(child, f"{name} › ", indent + "  "), f"{indent}}}"]
    dashed = {step.id for step in plan.steps if step.run_when != "success"}
    for need, id_ in drawing.edges:
        style = " [style=dashed]" if id_ in dashed else ""
        out.append(f"{indent}{json.dumps(within + need)} -> {json.dumps(within + id_)}{style};")
    return out
