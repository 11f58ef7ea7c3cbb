"""The fewest further cells that protect a table, by the optimal method of tau-ARGUS (PyPI pytauargus): an oracle for the tests, run apart because it can crash.

It solves the table as given here, on its own reading of the sums, and not one that it makes of records: so every cell costs the same, whatever its value.

Standard input: {"dimensions": [{"CODE": "PARENT or null"}], "cells": [[[codes], value, lower level, upper level]], "minutes": most}; levels are null where a cell is safe.
Standard output: {"further": count, "isOptimal": whether the solver ended}
"""
import json
import os
import sys
import tempfile

from pytauargus import HiTaSCtrl

from table import sums

problem = json.load(sys.stdin)
dimensions = problem["dimensions"]
cells = [(tuple(key), value, lower, upper) for key, value, lower, upper in problem["cells"]]
index = {cell[0]: at for at, cell in enumerate(cells)}
most = 1.5 * max(cell[1] for cell in cells)
lines = ["0", str(len(cells))]
for at, (_, value, lower, upper) in enumerate(cells):
    status = "u" if upper is not None else "s"
    # number, value, weight, status, least, most, lower and upper level, sliding level
    lines.append(f"{at} {value:f} 1 {status} 0.000000 {most:f} {lower or 0:f} {upper or 0:f} 0.000000")
equations = [[(index[total], -1)] + [(index[part], 1) for part in parts] for total, parts in sums(dimensions, list(index)) if parts]
lines.append(str(len(equations)))
for terms in equations:
    lines.append(f"0.000000 {len(terms)} : " + " ".join(f"{cell} ({sign})" for cell, sign in terms))

# The engine prints, and writes files where it stands.
output = os.dup(1)
os.dup2(2, 1)
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open("table.jj", "w") as file:
        file.write("\n".join(lines) + "\n")
    code = HiTaSCtrl().full_jj(in_file_jj="table.jj", out_file="pattern.jj", max_time=problem["minutes"])
    further = 0
    if code <= 1:
        with open("pattern.jj") as file:
            further = sum(1 for line in file if line.strip())
    os.chdir("/")
if code > 1:
    sys.exit(f"the solver ended with {code}")
os.write(output, json.dumps({"further": further, "isOptimal": code == 0}).encode())
