"""Talking to the bridge: its protocols from the client's side (docs/protocol.md).

`events` are the immutable values that pass between the client's thread and the game's. `wire` parses bytes into them
and knows no sockets. `client.BridgeClient` is the thread that owns the socket and reconnects whenever it has to;
`embedded` starts a bridge with simulated containers as a child process and talks to it the same way.
"""
