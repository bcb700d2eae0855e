"""`make bench`: every benchmark in turn; the exit code says whether a figure was missed or an answer was wrong."""

import sys
from importlib import import_module

BENCHMARKS = (
    "pub", "nginx", "publish", "publish_large", "pages", "process", "memory", "acl", "player", "typing", "lighthouse", "sign_in", "oracles", "captcha", "audit", "convert", "heartbeats",
    "plays", "herd", "fleet",
)  # fmt: skip


def main() -> int:
    """This function will run the benchmarks named on the command line, or all, and return 1 where one missed its figure."""
    wanted = sys.argv[1:] or BENCHMARKS
    return max(import_module(f"bench.{name}").main() for name in wanted)


if __name__ == "__main__":
    raise SystemExit(main())
