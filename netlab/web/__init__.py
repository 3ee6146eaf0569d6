"""The web: what HTTP has become, and what it is allowed to remember.

websocket  a stream has no edges, and the other end may be lying
"""
