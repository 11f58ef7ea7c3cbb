"""What an attacker can say of each withheld cell, by HiGHS: an oracle for the tests, on its own reading of the table.

Standard input: {"dimensions": [{"CODE": "PARENT or null"}], "cells": [[[codes], value, withheld]]}
Standard output: [[low, high] per withheld cell, in order]; high is null when there is no limit.
"""
import json
import sys

import highspy

from table import sums

problem = json.load(sys.stdin)
dimensions = problem["dimensions"]
cells = {tuple(key): (value, withheld) for key, value, withheld in problem["cells"]}
order = [tuple(key) for key, _, withheld in problem["cells"] if withheld]
index = {key: at for at, key in enumerate(order)}

rows = []
for total, parts in sums(dimensions, list(cells)):
    known, unknown = 0.0, []
    for member, sign in [(total, -1.0)] + [(part, 1.0) for part in parts]:
        value, withheld = cells[member]
        if withheld:
            unknown.append((index[member], sign))
        else:
            known += sign * value
    if unknown:
        rows.append((-known, unknown))

model = highspy.Highs()
model.setOptionValue("output_flag", False)
infinity = highspy.kHighsInf
for _ in order:
    model.addVar(0.0, infinity)
for right, terms in rows:
    model.addRow(right, right, len(terms), [t[0] for t in terms], [t[1] for t in terms])

result = []
for at in range(len(order)):
    model.changeColCost(at, 1.0)
    pair = []
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        model.changeObjectiveSense(sense)
        model.run()
        status = model.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            pair.append(model.getInfo().objective_function_value)
        elif status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            pair.append(None)
        else:
            sys.exit(f"unexpected status {status}")
    model.changeColCost(at, 0.0)
    result.append(pair)
json.dump(result, sys.stdout)
