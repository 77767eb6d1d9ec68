"""The trocco adapter: settings and kinds, wire, client, steps."""
