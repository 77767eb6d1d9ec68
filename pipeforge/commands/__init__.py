"""One module a subcommand: `arguments(parser)`, `run(args) -> exit code` and an EXAMPLE for its help."""
