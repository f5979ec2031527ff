"""What the networks say: sparse layers, networks, training, weights, predictor, worker."""
