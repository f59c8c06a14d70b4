"""Benchmarks: ``python -m bench [NAME…] [--json]``. They measure and fail no build."""
