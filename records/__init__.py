"""What is remembered between runs: answers of networks, evaluations, which entries were asked."""
