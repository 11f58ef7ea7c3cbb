"""Reads every file of the corpus with Sluice, pysdmx and sdmx1 and writes Docs/Conformance.md.

    python3 conformance.py SLUICE CORPUS OUTPUT.md

The three readers are compared on what they say of a file and observation by observation. Where the corpus does not hold a file's data structure, one
is made up from the ids that stand in the file (madeup.py). A file that Sluice does not read stands in the report with the reason it gave.
"""
import collections, csv, json, multiprocessing, os, signal, subprocess, sys, tempfile, warnings
from xml.etree import ElementTree

import madeup

SECONDS_MAX = 60
ROWS_MAX = 200_000


def main():
    sluice, corpus, output = sys.argv[1:4]
    root = os.path.join(corpus, "sdmx")
    with open(os.path.join(root, "MANIFEST.tsv"), newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if kind_of(row)]
    for row in rows:
        row["full"] = os.path.join(root, row["path"])
        row["sluice"] = inspect(sluice, row["full"])
    index = structure_index(rows)
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=20) as pool:
        jobs = [(sluice, row["full"], structures_for(row, index), row["message_kind"]) for row in rows]
        for row, result in zip(rows, pool.imap(compare, jobs, chunksize=1)):
            row.update(result)
    with open(output, "w", encoding="utf-8") as file:
        file.write(report(rows))


def kind_of(row):
    """Which line of the table a file belongs to; None where it is no SDMX data or structure message."""
    message, kind, version = row["message"], row["kind"], row["sdmx_version"]
    if kind == "xml" and version in ("2.0", "2.1", "3.0", "3.1"):
        what = "structures" if message == "Structure" else "data" if message.endswith("Data") and message != "CrossSectionalData" else None
        name = f"SDMX-ML {version}"
    elif kind == "csv" and version in ("1.0", "2.0/2.1", "2.1"):
        what, name = "data", f"SDMX-CSV {version}"
    elif kind == "json" and version[:2] in ("1.", "2."):
        what = {"data": "data", "structure": "structures"}.get(message)
        name = f"SDMX-JSON {version[:3]}"
    else:
        what = None
    if what is None:
        return None
    row["message_kind"] = what
    row["line"] = f"{name} {what}"
    row["valid"] = row["schema_check"].startswith("valid") or row["schema_check"] == "-"
    return row["line"]


def said(run, path):
    """What a command wrote to its standard error, without the path of the file."""
    return run.stderr.decode("utf-8", "replace").strip().replace(path + ": ", "").replace(path, "the file")


def inspect(sluice, path):
    """What `sluice inspect` says: the report, and the reason where it does not read the file whole."""
    try:
        run = subprocess.run([sluice, "inspect", path, "--json"], capture_output=True, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return {"reads": False, "reason": f"no answer within {SECONDS_MAX} s", "report": {}}
    try:
        found = json.loads(run.stdout) if run.stdout else {}
    except ValueError:
        found = {}
    reason = ""
    if run.returncode != 0:
        reason = said(run, path)
        if run.returncode == 1 or not reason:
            wrong = [f for f in found.get("findings", []) if f.get("severity") == "error"]
            reason = "; ".join(f"{f['code']}: {f['message']}" for f in wrong[:2]) or reason
        if run.returncode not in (1, 2):
            reason = f"ended with {run.returncode}: {reason}"
    return {"reads": run.returncode == 0, "reason": reason, "report": found}


def structure_index(rows):
    """Class, agency and id of every artefact → the files that define it."""
    index = collections.defaultdict(list)
    for row in rows:
        for artefact in row["sluice"]["report"].get("structures", []):
            index[artefact["class"], artefact["reference"].split("(")[0]].append(row["full"])
    return index


def structures_for(row, index):
    """The structure files for a data file: those nearest to it in the tree that define what its datasets name."""
    found = []
    for dataset in row["sluice"]["report"].get("datasets", []):
        reference, kind = dataset.get("structure"), dataset.get("structureClass")
        if not reference:
            continue
        near = sorted(index.get((kind, reference.split("(")[0]), []), key=lambda path: -len(os.path.commonprefix([path, row["full"]])))
        found += near[:1]
    # What lies in the same folder may complete it (a dataflow here, its data structure there).
    folder = os.path.dirname(row["full"])
    beside = {path for paths in index.values() for path in paths if os.path.dirname(path) == folder}
    return sorted(set(found) | (beside if found and len(beside) < 40 else set()))


# MARK: the three readers


class Late(Exception):
    pass


class Refused(Exception):
    pass


def limited(body, *arguments):
    """The result of a call, or the error it ended with, in a bounded time."""

    def ring(*_):
        raise Late()

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS_MAX)
    try:
        return body(*arguments), None
    except Late:
        return None, f"no answer within {SECONDS_MAX} s"
    except Refused as error:
        return None, str(error)
    except BaseException as error:  # the libraries raise all kinds
        return None, f"{type(error).__name__}: {str(error)[:160]}"
    finally:
        signal.alarm(0)


def compare(job):
    sluice, path, structures, what = job
    warnings.simplefilter("ignore")
    result = {}
    others = {"pysdmx": (pysdmx_data, pysdmx_structures), "sdmx1": (sdmx1_data, sdmx1_structures)}
    ours = None
    if what == "data":
        ours, result["converted"] = limited(sluice_data, sluice, path, structures)
        if ours is None:
            made, error = limited(sluice_data_by_ids, sluice, path)
            if error is None:
                ours, result["converted"], result["by_ids"] = made, "", True
    for name, (data, structure) in others.items():
        value, error = limited(data if what == "data" else structure, path, structures)
        result[name] = error or ""
        if what == "data" and ours is not None and value is not None:
            told = agreement(ours, value)
            if told.startswith("no column") and "by_ids" not in result:
                # The structure that was found is another one of the same name.
                made, failed = limited(sluice_data_by_ids, sluice, path)
                told = agreement(made, value) if failed is None else told
            if told not in ("equal", "same numbers") and path.endswith(".xml"):
                told += f"; the file itself has {elements(path)} Obs elements"
            result[name + "_values"] = told
    return result


def elements(path):
    """How many observations stand in an XML message, counted by Python's own parser."""
    return sum(element.tag.rsplit("}", 1)[-1] == "Obs" for _, element in ElementTree.iterparse(path))


def sluice_data_by_ids(sluice, path):
    """The same, by a data structure made up from the file."""
    with tempfile.TemporaryDirectory() as folder:
        structure = os.path.join(folder, "structure.xml")
        with open(structure, "w", encoding="utf-8") as file:
            file.write(madeup.structure(path))
        return sluice_data(sluice, path, [structure], ["--flow", madeup.FLOW])


def sluice_data(sluice, path, structures, options=()):
    """Observations as (columns, rows of texts) by way of SDMX-CSV."""
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out.csv")
        command = [sluice, "convert", path, output, "--to", "sdmx-csv-2.0", *options]
        for structure in structures:
            command += ["--structure", structure]
        run = subprocess.run(command, capture_output=True, timeout=SECONDS_MAX)
        if not os.path.exists(output):
            raise Refused(said(run, path)[:300])
        with open(output, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            return [{k.split("[")[0]: v for k, v in row.items() if k not in ("STRUCTURE", "STRUCTURE_ID", "ACTION")} for _, row in zip(range(ROWS_MAX), reader)]


def pysdmx_data(path, structures):
    from pysdmx.io import read_sdmx

    rows = []
    for dataset in read_sdmx(path, validate=False).data or []:
        rows += [{k: text(v) for k, v in row.items()} for row in dataset.data.head(ROWS_MAX).to_dict("records")]
    return rows


def pysdmx_structures(path, structures):
    from pysdmx.io import read_sdmx

    return len(read_sdmx(path, validate=False).structures or [])


def sdmx1_data(path, structures):
    import sdmx

    structure = None
    for file in structures:
        try:
            message = sdmx.read_sdmx(file)
        except Exception:
            continue
        if getattr(message, "structure", None):
            structure = next(iter(message.structure.values()))
    try:
        message = sdmx.read_sdmx(path) if structure is None else sdmx.read_sdmx(path, structure=structure)
    except Exception:
        # Some messages it reads only without the structure it was given.
        message = sdmx.read_sdmx(path)
    rows = []
    for dataset in message.data:
        for observation in dataset.obs[:ROWS_MAX]:
            key = observation.key
            row = {k: text(getattr(v, "value", v)) for k, v in key.values.items()}
            row["OBS_VALUE"] = text(observation.value)
            rows.append(row)
    return rows


def sdmx1_structures(path, structures):
    import sdmx

    return type(sdmx.read_sdmx(path)).__name__


def text(value):
    if value is None or value != value:
        return ""
    return str(getattr(value, "id", value))


def agreement(ours, theirs):
    """`equal`, `same numbers` (their texts differ), or what differs."""
    # A row with attributes only is no observation to the libraries.
    measures = [k for k in (ours[0] if ours else {}) if k == "OBS_VALUE"]
    if measures:
        # Nor, to what pandas makes of it, is one whose value is NaN.
        valued = [row for row in ours if row["OBS_VALUE"].lower() not in ("", "nan")]
        if valued or not theirs:
            ours = valued
            theirs = [row for row in theirs if row.get("OBS_VALUE", "").lower() not in ("", "nan", "none")] or theirs
    if len(ours) != len(theirs):
        return f"{len(ours)} observations here, {len(theirs)} there"
    if not ours:
        return "equal"
    columns = sorted(set(ours[0]) & set(theirs[0]))
    if not columns:
        return f"no column in common: {sorted(theirs[0])[:5]}"

    def counted(rows, spelled):
        return collections.Counter(tuple(spelled(row.get(column) or "") for column in columns) for row in rows)

    if counted(ours, str) == counted(theirs, str):
        return "equal"
    if counted(ours, number) == counted(theirs, number):
        return "same numbers"
    here, there = counted(ours, number) - counted(theirs, number), counted(theirs, number) - counted(ours, number)
    first, second = (next(iter(here), ()), next(iter(there), ()))
    apart = [f"{c}: {a!r} here, {b!r} there" for c, a, b in zip(columns, first, second) if a != b]
    return f"{sum(here.values())} differ, such as {'; '.join(apart[:2])}"


def number(value):
    try:
        return repr(float(value)) if value.lower() != "nan" else ""
    except ValueError:
        return value


# MARK: the report


def report(rows):
    lines = collections.defaultdict(list)
    for row in rows:
        lines[row["line"]].append(row)
    out = [
        "# Conformance",
        "",
        "Which files of the reference corpus Sluice reads, beside the two open libraries in their versions of the corpus' tests. `make conformance` writes this page;",
        "the corpus is not part of this repository. \"Valid\" are files that the official schemas accept; SDMX-CSV has no schema.",
        "",
        "| messages | files | valid | Sluice reads valid ones | pysdmx | sdmx1 | Sluice reads others |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in sorted(lines):
        every = lines[name]
        valid = [row for row in every if row["valid"]]
        rest = [row for row in every if not row["valid"]]

        def share(reads):
            return f"{sum(map(reads, valid))} ({100 * sum(map(reads, valid)) // len(valid)} %)" if valid else "—"

        ours = share(lambda row: row["sluice"]["reads"])
        theirs = [share(lambda row, name=name: row.get(name) == "") for name in ("pysdmx", "sdmx1")]
        others = f"{sum(row['sluice']['reads'] for row in rest)} of {len(rest)}" if rest else "—"
        out.append(f"| {name} | {len(every)} | {len(valid)} | {ours} | {theirs[0]} | {theirs[1]} | {others} |")
    data = [row for row in rows if row["message_kind"] == "data"]
    out += ["", "## Values", ""]
    out += ["Data files are converted and compared observation by observation: with the data structure where the corpus holds it, else with one that is"]
    out += ["made up from the ids in the file.", ""]
    out += ["| compared with | both read | equal | same numbers, other texts | differ |", "|---|---:|---:|---:|---:|"]
    for name in ("pysdmx", "sdmx1"):
        told = [row[name + "_values"] for row in data if name + "_values" in row]
        equal, same = told.count("equal"), told.count("same numbers")
        out.append(f"| {name} | {len(told)} | {equal} | {same} | {len(told) - equal - same} |")
    converted = sum(not row.get("converted") for row in data)
    made = sum(row.get("by_ids", False) for row in data)
    out += ["", f"{converted} of {len(data)} data files were converted, {made} of them by a made-up structure.", "", "### Where values differ", ""]
    for row in data:
        for name in ("pysdmx", "sdmx1"):
            told = row.get(name + "_values", "equal")
            if told not in ("equal", "same numbers"):
                why = REASONS.get((os.path.basename(row["path"]), name))
                out.append(f"- `{row['path']}` ({row['line']}), {name}: {told}.{' ' + why if why else ''}")
    out += ["", "## Files that are not read", ""]
    for name in sorted(lines):
        missing = [row for row in lines[name] if not row["sluice"]["reads"]]
        if missing:
            out += [f"### {name}", ""]
            for row in missing:
                verdict = "valid" if row["valid"] else "invalid by its schema"
                out.append(f"- `{row['path']}` ({verdict}): {clean(row['sluice']['reason'])}")
            out.append("")
    out += ["## Data files that were read but not converted", ""]
    for row in data:
        if row["sluice"]["reads"] and row.get("converted"):
            out.append(f"- `{row['path']}` ({row['line']}): {clean(row['converted'])}")
    return "\n".join(out) + "\n"


# Why values differ, as a reading of the file shows.
WITHOUT_GROUPS = "The attribute stands on a group; pysdmx does not lay attributes of groups of generic messages onto observations."
WITHOUT_KEY = "The three observations before the first series have no key in the file; sdmx1 gives them that of a series."
WITHOUT_VALUES = "Attributes of the dataset or of part of a key are rows of their own here; pysdmx leaves them out."
CROSSED = "pysdmx joins every observation with each of the four groups, although a group names one currency."
REASONS = {
    ("rg-xs.xml", "pysdmx"): CROSSED,
    ("sg-xs.xml", "pysdmx"): CROSSED,
    ("data_v2_two_actions.csv", "pysdmx"): "The row that deletes the whole dataset has no key; pysdmx leaves it out.",
    ("example-19A.csv", "pysdmx"): "The row that deletes the whole dataset has no key; pysdmx leaves it out.",
    ("xml_3.0_data_query_groups_obs.xml", "pysdmx"): WITHOUT_VALUES,
    ("xml_3.0_dataset_flat.xml", "pysdmx"): WITHOUT_VALUES,
    ("csv_optionals.csv", "pysdmx"): "An attribute without a code list has no label, so \"C: C\" is its text.",
    ("rg-ts.xml", "pysdmx"): WITHOUT_GROUPS,
    ("rg-ts-gf.xml", "pysdmx"): WITHOUT_GROUPS,
    ("DataXMLDataOnly.xml", "sdmx1"): WITHOUT_KEY,
}


def clean(words):
    return " ".join(words.split())[:300].replace("|", "\\|")


if __name__ == "__main__":
    main()
