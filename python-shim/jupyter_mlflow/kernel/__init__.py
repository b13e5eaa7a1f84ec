"""What runs inside a kernel: standard library only, Python 3.8 and newer.

The Jupyter server sends these modules to each Python kernel (server/kernels/payload.py), where they become
the package `_jupyter_mlflow_shim`. Nothing here is installed into the kernel's environment, defined in the
person's namespace, printed or raised.
"""
