"""Lifecycle rules on a real bucket: what they will do, and doing it."""
