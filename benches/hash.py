"""What hashing a state text costs CPython, as the games' workers do it.

Reads a state text from the file it is given; prints the digest and the nanoseconds of the fastest run.
Run by `cargo xtask bench hash`.
"""

import hashlib
import json
import sys
import time


def normalise(value):
    if isinstance(value, float):
        return round(value, 10)
    if isinstance(value, dict):
        return {key: normalise(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [normalise(item) for item in value]
    return value


def digest(text):
    canonical = json.dumps(normalise(json.loads(text)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    best = float("inf")
    for _ in range(200):
        start = time.perf_counter_ns()
        for _ in range(20):
            digest(text)
        best = min(best, (time.perf_counter_ns() - start) / 20)
    print(digest(text), best)


main()
