"""What `%mlflow` does: the second stage of the shim, compiled at the first use. Standard library only."""
