#!/usr/bin/env python3
"""Run an instrumented roost under the loads it is made for, and write what it counted.

  profile.py BINARY PAYLOADS OUT.profdata

BINARY is of `make profile`, PAYLOADS of gen_payloads.py. Each descriptor is one way in which the agent is used: a format,
a compression, the store. Counts of rare ways weigh as little as they last.
"""
import json, os, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
USES = ["roost", "roost-v05", "roost-v07", "roost-v10", "roost-otlp-http", "roost-otlp-grpc", "roost-otlp-out", "roost-gzip",
        "roost-store"]
SCENARIOS = "closed8,rate20000"


def main():
    binary, payloads, out = map(os.path.abspath, sys.argv[1:])
    work = tempfile.mkdtemp()
    try:
        preload = os.path.join(work, "profile_at_exit.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", preload, os.path.join(HERE, "profile_at_exit.c"), "-ldl"], check=True)
        descriptors = []
        for use in USES:
            d = json.load(open(os.path.join(HERE, "agents", use + ".json")))
            d["cmd"][0] = binary
            d["scenarios"] = SCENARIOS.split(",")
            d.setdefault("env", {}).update(LD_PRELOAD=preload, LLVM_PROFILE_FILE=os.path.join(work, "%p.profraw"))
            descriptors.append(os.path.join(work, use + ".json"))
            json.dump(d, open(descriptors[-1], "w"))
        subprocess.run([sys.executable, os.path.join(HERE, "bench.py"), "--payloads", payloads, "--closed-profiles", "flask-100",
                        "--runs", "1", "--seconds", "3", "--min-drain", "1", "--max-drain", "6", "--scenarios", SCENARIOS,
                        *descriptors], check=True)
        counts = [os.path.join(work, f) for f in os.listdir(work) if f.endswith(".profraw")]
        if len(counts) < len(USES): raise SystemExit("%d agents left counts" % len(counts))
        # Functions that were never called are left out.
        subprocess.run([os.environ.get("LLVM_PROFDATA", "llvm-profdata"), "merge", "--sparse", "-o", out, *counts], check=True)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
