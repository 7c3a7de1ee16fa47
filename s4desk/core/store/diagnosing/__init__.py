"""From the error of a failed trial to what is wrong: which look to take, and what it means.

Loads the byte path: import it in a thread.
"""
