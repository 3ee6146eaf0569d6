"""The part "Networks"."""
