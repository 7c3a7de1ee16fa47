"""Real S3 servers, fronts and faults for the suite; each module is one server."""
