"""The words of Padan as frozen dataclasses, and their rules as pure functions.

Nothing here knows of HTTP, SQL, keys or a registry's wire. Instants are integers: Unix time in milliseconds.
"""
