"""What the bridge does to containers, and the record of it.

- `executioner`: a kill from request to result. Everything that touches a container goes through it:
  policy, budget, audit log, engine, audit log.
- `attempt`: one kill in progress, and its deadline.
- `budget`: how much one user and one session may do.
- `audit`: the log, written before a container is touched.
"""
