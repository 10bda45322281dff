"""Files that clients upload, and use in their messages by id."""
