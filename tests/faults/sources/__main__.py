"""`make faults`: tries every fault of the catalogue, and prints the table."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults.sources.catalogue import CATALOGUE
from tests.faults.sources.laboratory import Laboratory, table


def main() -> int:
    """Return 0 if nothing wrong was published."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="ways in which each fault is made (3)")
    parser.add_argument("--nights", type=int, default=4, help="nights that are published before (4)")
    parser.add_argument("--scale", type=float, default=0.05, help="size of the demo company (0.05)")
    parser.add_argument("--only", help="only faults whose name contains this")
    chosen = parser.parse_args()
    faults = [fault for fault in CATALOGUE if not chosen.only or chosen.only in fault.name]
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="rapport-faults-") as folder:
        print(f"publishing {chosen.nights} nights ...", file=sys.stderr)
        laboratory = Laboratory(Path(folder), chosen.scale, chosen.nights)
        against = laboratory.clean_night()
        print(f"a clean night: {against or 'published'}", file=sys.stderr)
        for fault in faults:
            for seed in range(chosen.seeds):
                outcome = laboratory.try_out(fault, seed)
                outcomes.append(outcome)
                print(f"{fault.name} ({outcome.did}): {outcome.became}: {outcome.because}", file=sys.stderr)
    wrong = [outcome for outcome in outcomes if not outcome.is_right]
    print(table(outcomes))
    print(
        f"\n{len(outcomes) - len(wrong)} of {len(outcomes)} as they must be; a clean night was published: {not against}"
    )
    return 1 if wrong or against else 0


if __name__ == "__main__":
    sys.exit(main())
