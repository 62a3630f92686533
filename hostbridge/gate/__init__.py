"""A gate in front of a Docker engine's socket: a process of its own that lets through what the policy's actions need.

The engine's socket means root on its host. Only the gate has it; the bridge, which talks to the game, has
the gate's. One table lists the endpoints that are let through; all other requests are answered 403 and logged.

- `table`: the endpoints, by the action that needs them.
- `incoming`: a client's request, parsed without a socket: one request a connection, everything bounded.
- `services`: which changes of a swarm's service are let through.
- `outgoing`: a request to the engine, and its answer as a stream.
- `gate`: both sides together, on an event loop.

No byte of a client reaches the engine. A valid request is written from scratch from its checked parts, and the
answer is framed again, so the gate and the engine cannot disagree on where a request ends or what it asks for.
"""
