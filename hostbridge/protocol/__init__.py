"""The bridge's two protocols without any sockets: bytes in, requests out; replies and events out as bytes.

- `decoder`: a state machine that takes the bytes of one connection, in pieces of any size, and returns the requests
  that are complete. It never raises: what it cannot parse becomes a `Malformed` request that says why.
- `requests`: the requests as values.
- `replies`: the lines of the JSON protocol that the bridge sends.
- `names`: the text protocol's names, shortened and hashed as the original clients do.

docs/protocol.md describes both protocols for those who write clients.
"""
