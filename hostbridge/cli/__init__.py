"""The command line: `main` finds the command, and each command is a file of its own.

- `serve`: ``hostbridge``, the bridge itself; `up`: the same with the game's container beside it.
- `policy_check`, `ping`, `doctor`: commands that only report.
- `options` and `engines`: the flags that commands share, parsed into the values that the other modules take.
"""
