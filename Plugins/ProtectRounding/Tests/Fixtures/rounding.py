"""Least total change of controlled roundings, by HiGHS: an oracle for the tests, on its own reading of the tables.

Standard input: [{"dimensions": [{"CODE": "PARENT or null"}], "cells": [[[codes], value]], "base": b, "widened": false}]
Standard output: for each the least sum of |rounded - true|, or null where no table fits. Zero stays zero.
"""
import json
import os
import sys

import highspy

from table import sums

# HiGHS greets on standard output, whatever its options say.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def least(problem):
    dimensions, base = problem["dimensions"], problem["base"]
    cells = {tuple(key): value for key, value in problem["cells"]}
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 0.5)
    infinity = highspy.kHighsInf
    number, count = {}, 0
    for key, value in cells.items():
        # One whole variable for the multiple, one for the distance.
        low, high = value // base, -(-value // base)
        if problem["widened"] and value > 0:
            low, high = max(0, low - 1), high + 1
        model.addVar(low, high)
        model.changeColIntegrality(count, highspy.HighsVarType.kInteger)
        model.addVar(0, infinity)
        model.changeColCost(count + 1, 1.0)
        model.addRow(-value, infinity, 2, [count, count + 1], [-float(base), 1.0])
        model.addRow(value, infinity, 2, [count, count + 1], [float(base), 1.0])
        number[key] = count
        count += 2
    for total, parts in sums(dimensions, list(cells)):
        if parts:
            model.addRow(0, 0, 1 + len(parts), [number[total]] + [number[part] for part in parts], [-1.0] + [1.0] * len(parts))
    model.run()
    status = model.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        sys.exit(f"unexpected status {status}")
    return round(model.getInfo().objective_function_value)


json.dump([least(problem) for problem in json.load(sys.stdin)], answers)
answers.close()
