"""Run the benchmarks named on the command line, or all of them.

A benchmark is a module of this package with ``run(*, as_json)``, which prints a table or one line of JSON.
"""

import argparse
import importlib

BENCHMARKS = ("nik", "names-speed", "names", "register", "vault", "store", "registry", "service")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run the benchmarks of Padan.")
    parser.add_argument("name", nargs="*", help=f"which to run: {', '.join(BENCHMARKS)}; all without a name")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line instead of tables")
    arguments = parser.parse_args()
    unknown = set(arguments.name).difference(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(BENCHMARKS)}")
    for name in arguments.name or BENCHMARKS:
        importlib.import_module(f"bench.{name.replace('-', '_')}").run(as_json=arguments.json)


if __name__ == "__main__":
    main()
