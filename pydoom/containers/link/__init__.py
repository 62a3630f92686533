"""Talking to the bridge: its protocols from the client's side (docs/protocol.md).

`events` are the immutable values that cross between the client's thread and the game's. `wire` turns bytes into them
and knows no sockets. `client.BridgeClient` is the thread that owns the socket and connects again whenever it has to;
`embedded` starts a bridge with simulated containers as a child process and talks to it in the same way.
"""
