"""`python -m benchmarks [NAME]`: all benchmarks, or one, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

APART = {"__init__", "__main__", "table", "postgresql", "gateway_peer"}


def main() -> int:
    """Returns 1 when a benchmark failed to run, 2 for an unknown name."""
    names = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem not in APART)
    chosen = sys.argv[1:] or names
    if unknown := set(chosen) - set(names):
        print(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(names)}", file=sys.stderr)
        return 2
    return max(subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode for name in chosen)


if __name__ == "__main__":
    sys.exit(main())
