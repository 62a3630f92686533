"""What the user decided: which containers are monsters, which are protected, and what a kill does.

- `selectors`: how one rule matches containers.
- `images`: an image's names in all their spellings.
- `rules`: the policy as a value, and its verdict on a container.
- `judge`: the verdicts, remembered so that protection lasts as long as the container.
- `memory`: what the judge remembers, in a file beside the audit log.
- `outside`: probes and hooks, and the only addresses that they may reach.
- `file`: the policy as a TOML file; `outside_file` its probes and hooks, `values` what both check.

A verdict depends on the container and the policy, never on who asks.
"""
