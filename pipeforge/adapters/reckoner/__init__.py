"""The reckoner adapter: settings and kinds, wire, client, steps."""
