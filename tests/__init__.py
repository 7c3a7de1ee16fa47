"""The tests of s4desk."""
