"""Side-by-side measurements. Each prints a table of medians and ratios from one run; none is a test."""
