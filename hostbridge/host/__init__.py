"""The bridge's dealings with its host: the socket, privileges, file ownership, identity and log."""
