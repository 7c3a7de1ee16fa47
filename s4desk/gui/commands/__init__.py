"""What a person can ask for, one method per intention, by subject.

`Browsing`: where the window is. `Connecting`: connections. `Making`: buckets and folders.
`Deleting`, `Uploading`, `Downloading`, `Queueing`: what their names say. `Copying`: the clipboard.
They are the only callers of the engines. What goes wrong is told through `Notices`.
"""
