"""Rings and reach, held against networkx."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from pipeforge.lint.graph import components, reaches, rings

NODES = "abcdefgh"
EDGES = st.dictionaries(st.sampled_from(NODES), st.lists(st.sampled_from(NODES), max_size=4, unique=True))


def complete(edges):
    """Every node has its needs, none needs itself."""
    return {node: [need for need in edges.get(node, []) if need != node] for node in NODES}


def graph(edges):
    made = nx.DiGraph()
    made.add_nodes_from(edges)
    made.add_edges_from((node, need) for node, needs in edges.items() for need in needs)
    return made


@given(EDGES)
def test_components_are_those_of_networkx_and_come_after_what_they_need(given_edges):
    edges = complete(given_edges)
    found = components(edges)
    expected = nx.strongly_connected_components(graph(edges))
    assert {frozenset(one) for one in found} == {frozenset(one) for one in expected}
    place = {node: number for number, one in enumerate(found) for node in one}
    assert all(place[need] <= place[node] for node, needs in edges.items() for need in needs)


@given(EDGES)
def test_every_component_of_several_has_one_ring_from_its_first_node(given_edges):
    edges = complete(given_edges)
    found = rings(edges)
    large = [one for one in nx.strongly_connected_components(graph(edges)) if len(one) > 1]
    assert sorted(min(one) for one in large) == [ring[0] for ring in found]
    for ring in found:
        assert len(set(ring)) == len(ring)
        for node, need in zip(ring, [*ring[1:], ring[0]], strict=True):
            assert need in edges[node]
        around = [
            nx.shortest_path_length(graph(edges), need, ring[0])
            for need in edges[ring[0]]
            if need in set().union(*large) and nx.has_path(graph(edges), need, ring[0])
        ]
        assert len(ring) == 1 + min(around)


@given(EDGES, st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES))))
def test_reach_is_that_of_networkx(given_edges, asked):
    edges = complete(given_edges)
    made = graph(edges)
    walks = {
        node: set().union(*({need} | nx.descendants(made, need) for need in edges[node]), set())
        for node in NODES
    }
    assert reaches(edges, asked) == {(node, other) for node, other in asked if other in walks[node]}


def test_long_chains_do_not_recurse():
    count = 50_000
    chain = {str(number): [str(number - 1)] if number else [] for number in range(count)}
    assert len(components(chain)) == count
    assert rings(chain) == []
    assert reaches(chain, [(str(count - 1), "0"), ("0", "1")]) == {(str(count - 1), "0")}
    ring = {**chain, "0": [str(count - 1)]}
    assert len(rings(ring)[0]) == count
