"""What the bridge does to containers, and the record of it.

- `executioner`: a kill from request to result. Everything that touches a container goes through it:
  policy, budget, audit log, engine, audit log.
- `attempt`: one kill in progress, and its deadline.
- `budget`: how much one user and one session may do.
- `healer`: faults for a time, and their undoing. `journal`: what is to be undone, on the disk.
- `recovery`: what came back after a kill, and how soon.
- `audit`: the log, written before a container is touched.
"""
