"""The byte path: worker threads, connections, replies, sums, listings."""
