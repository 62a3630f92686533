"""What the bridge learns from the network and tells it: probes and hooks.

The bridge itself has no network. A process of its own, the helper (``hostbridge probe``), has one, and no engine; the
two talk over a Unix socket of their own, and each takes the other for hostile.

- `wire`: the lines between them, checked to the last field.
- In the bridge: `desk` listens for the helper, `board` knows how the probes are, `hookqueue` has what is to be sent.
- In the helper: `helper` runs the probes and sends what the bridge hands over, `fetch` makes one bounded request,
  `addresses` lets it reach only what the policy names, `tokens` reads the hooks' secrets.
"""
