"""Log lines as JSON."""

import io
import json
import os
import time

from serving.logs import FLUSHED, KEPT, Log


def test_a_line_is_an_object_with_its_time() -> None:
    stream = io.BytesIO()
    log = Log(stream)

    log.write("request", status=200, why='a "quote"\nand a line')
    assert stream.getvalue() == b""
    log.flush()

    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert abs(found.pop("time") - time.time()) < 5
    assert found == {"event": "request", "status": 200, "why": 'a "quote"\nand a line'}


def test_many_lines_do_not_pile_up() -> None:
    stream = io.BytesIO()
    log = Log(stream)

    while len(stream.getvalue()) == 0:
        log.write("request", id="x" * 1000)

    assert FLUSHED < len(stream.getvalue()) < FLUSHED + 2000


def test_a_stream_that_is_gone_costs_the_lines_and_nothing_else() -> None:
    stream = io.BytesIO()
    log = Log(stream)
    stream.close()

    log.write("request")
    log.flush()


def test_a_pipe_that_nobody_empties_costs_lines_and_no_time() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream, os.fdopen(reading, "rb", buffering=0) as reader:
        log = Log(stream)
        written = 2 * KEPT // 1000
        for n in range(written):
            log.write("request", id="x" * 1000, n=n)

        said = b""
        while b'"lost"' not in said:
            said += reader.read(1_000_000)
            log.flush()

    lines = [json.loads(line) for line in said.splitlines()]
    kept = [line["n"] for line in lines if line["event"] == "request"]
    assert kept == list(range(len(kept)))
    assert lines[-1]["lines"] == written - len(kept)
    assert len(kept) * 1000 < KEPT + 200_000
