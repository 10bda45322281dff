"""What was asked and what it cost: written down for good, and summed up."""
