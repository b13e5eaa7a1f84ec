"""Child processes that end when they should, their leases and their logs."""
