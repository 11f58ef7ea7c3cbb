"""Which cells tau-ARGUS finds unsafe and at which protection levels (PyPI pytauargus): an oracle for the tests, run apart because it can crash.

Standard input: {"records": [[region, sector, value]], "rule": "NK(1,75)"}
Standard output: [[region, sector, value, is unsafe, level]]; a total is "Total", levels are whole numbers, at least 1.
"""
import json
import os
import sys
import tempfile

from pytauargus import protect

problem = json.load(sys.stdin)
records = problem["records"]
data = {"R": [r[0] for r in records], "S": [r[1] for r in records], "V": [float(r[2]) for r in records]}
# The engine prints.
output = os.dup(1)
os.dup2(2, 1)
with tempfile.TemporaryDirectory() as folder:
    # It leaves files where it is called.
    os.chdir(folder)
    result = protect(data, tables=["R", "S"], response="V", safety_rules=problem["rule"], suppress="OPT(1)", workdir=folder)
    rows = result.tables[0].rows
    rows = rows() if callable(rows) else rows
    answer = [[str(r["R"]), str(r["S"]), float(r["V"]), r["status"] == "U", float(r["upper"])] for r in rows]
os.write(output, json.dumps(answer).encode())
