"""What the user decided: which containers are monsters, which are protected, and what a kill does.

- `selectors`: how one rule picks containers.
- `rules`: the policy as a value, and its verdict on a container.
- `file`: the policy as a TOML file.

A verdict depends on the container and the policy only, never on who asks.
"""
