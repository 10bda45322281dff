"""Message batches: taken in, kept, worked on one request at a time, and handed out."""
