"""All that a bucket can be told: a page for each kind of configuration."""
