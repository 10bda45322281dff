"""What must last: the database, its tables, and the folder that it is in."""
