"""Where models are and how to talk to them: pools, dialects, attempts, failover."""
