"""Long work that a person starts and watches: environments made, packages installed, kernels repaired."""
