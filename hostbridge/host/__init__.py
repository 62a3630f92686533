"""What the bridge takes from and owes to the machine it runs on: its socket, its privileges, its identity, its log."""
