"""Comparisons of the whole model with its source, and of its pulsed form with the whole."""
