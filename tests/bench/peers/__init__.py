"""s4desk beside the clients people use instead, in one run on one server."""
