"""k, l and t of tables of records, by pycanon: an oracle for the tests.

Standard input: [{"columns": [names], "rows": [[texts]], "quasi": [names], "sensitive": [names], "numeric": [names]}]
Standard output: [{"k": .., "l": .., "entropy": .., "t": ..}] in the same order; without sensitive columns k alone.
A text that is missing counts as a value of its own.
"""
import json
import sys
import warnings

import pandas as pd
from pycanon import anonymity

warnings.filterwarnings("ignore")
results = []
for problem in json.load(sys.stdin):
    data = pd.DataFrame(problem["rows"], columns=problem["columns"]).fillna("(none)")
    for name in problem["numeric"]:
        data[name] = pd.to_numeric(data[name])
    quasi, sensitive = problem["quasi"], problem["sensitive"]
    result = {"k": int(anonymity.k_anonymity(data, quasi))}
    if sensitive:
        result["l"] = int(anonymity.l_diversity(data, quasi, sensitive))
        result["entropy"] = int(anonymity.entropy_l_diversity(data, quasi, sensitive))
        t = float(anonymity.t_closeness(data, quasi, sensitive))
        result["t"] = None if t != t else t
    results.append(result)
json.dump(results, sys.stdout)
