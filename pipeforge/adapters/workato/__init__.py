"""The Workato adapter: settings and kinds, wire, client, steps."""
