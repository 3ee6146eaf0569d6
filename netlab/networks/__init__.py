"""Networks: hosts, addresses and routes; made, lent, rewritten and announced.

namespaces   a container network built from nothing, and each piece of it missed
"""
