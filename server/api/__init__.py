"""The endpoints, one module a surface."""
