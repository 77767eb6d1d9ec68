"""Pure functions from values to text: diagnostics, plans, graphs, runs."""
