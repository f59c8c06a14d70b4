"""Padan: a self-hosted identity acceptance server for Indonesia."""
