"""Interpreters, environments and kernelspecs of this machine, and what a notebook needs of them."""
