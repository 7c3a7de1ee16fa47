"""Lifecycle rules: the list of them, and the form of one."""
