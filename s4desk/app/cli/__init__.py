"""The headless verbs: thin over the same core as the window, for scripts, tests and measuring."""
