"""What people who hold several releases can say of regions of a population, by HiGHS over the whole product of what can be told apart.

Standard input: {"atoms": count, "worlds": [[[[atoms], value]]], "regions": [[atoms]]}
Standard output: for each world a list of [low, high] per region, in order; high is null when there is no limit, both are null where nothing fits.
"""
import json
import sys

import highspy

problem = json.load(sys.stdin)
infinity = highspy.kHighsInf
result = []
for world in problem["worlds"]:
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    for _ in range(problem["atoms"]):
        model.addVar(0.0, infinity)
    for atoms, value in world:
        model.addRow(value, value, len(atoms), atoms, [1.0] * len(atoms))
    intervals = []
    for region in problem["regions"]:
        for atom in region:
            model.changeColCost(atom, 1.0)
        pair = []
        for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
            model.changeObjectiveSense(sense)
            model.run()
            status = model.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                pair.append(model.getInfo().objective_function_value)
            else:
                pair.append(None)
        for atom in region:
            model.changeColCost(atom, 0.0)
        intervals.append(pair)
    result.append(intervals)
json.dump(result, sys.stdout)
