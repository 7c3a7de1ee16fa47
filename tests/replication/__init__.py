"""Replication: the line, the engine, and what it does to real stores."""
