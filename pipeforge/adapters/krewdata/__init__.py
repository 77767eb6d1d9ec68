"""The krewdata adapter: settings and kinds, wire, client, steps."""
