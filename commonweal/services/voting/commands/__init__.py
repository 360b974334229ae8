"""`commonweal voting ROLE`: one file for each role, `arguments(parser)` and `run(options) -> exit code`."""
