"""What is remembered between runs: predictions, evaluations, human labels and studies."""
