"""Several processes as one: what they share, and how they run."""
