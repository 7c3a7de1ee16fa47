"""The window, on Qt."""

from __future__ import annotations

import builtins

import PySide6.QtCore  # noqa: F401 - it replaces the import statement

# PySide's own import reads the source of each module that is imported after it, in search of its
# `__feature__`, which nobody here uses: 0.1 s and 4 MB before the first paint, more with the S3
# libraries. Python's import is given back; where PySide does not replace it, nothing happens.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
