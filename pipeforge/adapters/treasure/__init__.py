"""The treasure adapter: settings and kinds, wire, client, steps."""
