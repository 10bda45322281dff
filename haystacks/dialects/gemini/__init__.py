"""Google's own wire format for Gemini, ``generateContent``."""
