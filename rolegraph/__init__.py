"""What a text means: folding, automaton, concept graph, matches. Pure."""
