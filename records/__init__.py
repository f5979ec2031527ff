"""What is remembered between runs: predictions (labels and studies follow)."""
