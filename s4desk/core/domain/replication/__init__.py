"""Replication: rules, which of them decides, statuses, and how a replica is known as one. Pure;
SPEC.md section 3."""
