"""What the bridge counts and times.

- `measures`: what is told, and the twin that forgets it.
- `prometheus`: the numbers and their page for Prometheus.
"""
