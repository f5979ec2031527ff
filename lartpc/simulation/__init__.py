"""A fast parametrised Monte Carlo of liquid-argon events, for training and demonstration."""

from lartpc.simulation.generate import BATCH, SAMPLES, simulate, simulate_batch

__all__ = ["BATCH", "SAMPLES", "simulate", "simulate_batch"]
