"""The demo: a local S3 server in a child process, with sample buckets to look at.

`launch` is the parent's side and all that the rest of the app may import; the other modules need
the extra `s4desk[demo]` and run in the child only, where their CPU time is not the window's.
"""
