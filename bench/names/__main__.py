"""``python -m bench.names``."""

import argparse

from bench.names import run
from bench.names.people import SPLITS


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.names", description="Run the benchmark of names.")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument(
        "--split", choices=SPLITS, default="test", help="tune on dev, dev2 and dev3, report on test"
    )
    parser.add_argument(
        "--size", type=int, help="about how many pairs to take, evenly from the split; all without it"
    )
    arguments = parser.parse_args()
    run(as_json=arguments.json, split=arguments.split, size=arguments.size)


main()
