"""What is remembered between runs: answers of networks, evaluations, human labels and studies."""
