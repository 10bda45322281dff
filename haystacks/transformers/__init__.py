"""The transformers that haystack files and concepts can name: one module each."""
