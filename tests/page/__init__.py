"""The built book, in a real browser and without a network."""
