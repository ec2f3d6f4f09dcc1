"""What every face at a desk shares: preferences, the talk switch, the local socket, checks."""
