"""Reading all of the real data against checking it, warm and in turns: `python validation.py N`."""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from mlops.contract import Schemas, Source, load
from mlops.data.checks import check
from mlops.data.read import read


def main() -> None:
    source, schemas = load(Source), load(Schemas)
    reading, checking, rows = [], [], 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        source.materialise(folder, source.PERIODS[-1])
        for _ in range(int(sys.argv[1]) + 1):
            started = time.perf_counter()
            tables, findings = read(folder, schemas.RAW)
            between = time.perf_counter()
            findings += check(tables, schemas, source.PERIODS, source.PERIODS[-1])
            checking.append(time.perf_counter() - between)
            reading.append(between - started)
            rows = sum(len(table.frame) for table in tables.values())
            if findings:
                sys.exit(findings[0].sentence())
    seconds = {"read": statistics.median(reading[1:]), "check": statistics.median(checking[1:])}
    print(json.dumps({"rows": rows} | seconds))


if __name__ == "__main__":
    main()
