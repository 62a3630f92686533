"""A gate before a Docker engine's socket: a process of its own that lets through what the policy's actions need.

The engine's socket is root on its host. The gate is the only one who has it; the bridge, which talks to the game, has
the gate's. What is let through is one table of endpoints; whatever else is asked for is answered 403 and logged.

- `table`: the endpoints, by what needs them.
- `incoming`: a client's request, read without a socket: one request a connection, everything bounded.
- `services`: which changes of a swarm's service are let through.
- `outgoing`: a request to the engine, and its answer as a stream.
- `gate`: the two sides put together, on an event loop.

No byte of a client goes to the engine. A request that is understood is written anew from its checked parts, and the
answer is framed anew, so the gate and the engine cannot disagree on where a request ends or what it asks for.
"""
