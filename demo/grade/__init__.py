"""Judges pictures by image analysis and texts by meaning. Knows the world, never the model."""
