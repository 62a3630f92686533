"""What is done to containers, and the record of it.

- `executioner`: the way of a kill from request to result. Everything that touches a container goes through it:
  policy, budget, audit log, engine, audit log.
- `attempt`: one kill under way, and until when it may be carried out.
- `budget`: how much one user and one session may do.
- `audit`: the log, written before a container is touched.
"""
