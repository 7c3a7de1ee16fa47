"""Replication between any two stores: what is seen is written down, carried, and told about."""
