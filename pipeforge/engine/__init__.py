"""Runs a plan: events, the state they fold into, one step's life, all steps, polling and limits."""
