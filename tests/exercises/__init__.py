"""Proof of ``netlab.exercises``: each check refuses what is wrong, for the reason that it names."""
