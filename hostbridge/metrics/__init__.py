"""What the bridge counts and times.

- `measures`: the interface, whose base class ignores everything.
- `prometheus`: the figures and their page for Prometheus.
"""
