"""The `lvd` command: thin, one file per command group in `commands`."""
