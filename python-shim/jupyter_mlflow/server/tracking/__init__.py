"""The list of tracking servers: where they are, how they are, and which could be added."""
