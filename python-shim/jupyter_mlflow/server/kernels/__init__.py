"""The kernels of this Jupyter server: the shim brought to each, and what they answer."""
