"""Which model a request gets: role files, facts, phases, decision. Pure."""
