"""How good an answer is: truth, prediction and label compared."""
