"""What the markdown says: concept files, their problems, and thesaurus JSON."""
