"""The command line, one module a command. Each imports what it needs when it runs: `--help` stays quick."""
