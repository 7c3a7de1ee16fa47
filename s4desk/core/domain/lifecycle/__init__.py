"""Lifecycle: rules, what they match, and what they will do. Pure; "Managing the lifecycle of
objects" in the S3 user guide, and SPEC.md section 4."""
