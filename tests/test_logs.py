"""What libraries log loses its text: it may quote a request."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import logging
from padan.logs import configure_logs
configure_logs()
try:
    raise ValueError("3171010101900001")
except ValueError:
    logging.getLogger("uvicorn.error").exception("failed for %s", "Siti Kanaria")
logging.getLogger("python_multipart").warning("Expected %s", "Siti Kanaria")
"""


def test_only_the_source_and_the_type_of_a_librarys_record_remain() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert "ERROR uvicorn.error" in done.stderr
    assert "ValueError" in done.stderr
    assert "python_multipart" in done.stderr
    assert "3171010101900001" not in done.stderr
    assert "Kanaria" not in done.stderr
