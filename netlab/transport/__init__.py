"""Transport: how much may travel, how large the pieces may be, and who says so.

congestion    how fast may I send, when nobody will tell me?
"""
