"""HTTP/1.1 to the providers, and the frames of their streams."""
