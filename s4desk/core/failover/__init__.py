"""Several stores that hold the same objects, read as one: SPEC.md section 6."""
