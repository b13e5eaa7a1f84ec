"""Local servers: MLflow started by us over a store, and the store looked after."""
