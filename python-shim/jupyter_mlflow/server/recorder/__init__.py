"""What was executed: seen by a witness of the kernels' messages and by the kernels' own journals, kept in a
ledger."""
