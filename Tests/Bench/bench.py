"""Measures the hot paths against their floors, in one run on one machine.

    python3 bench.py SLUICE CORPUS [OBSERVATIONS]

Command and floor take turns, so that a machine that slows down slows down both: what counts is the ratio of their medians, not the seconds. Figures are processor
seconds (user and system) of five turns each after one that warms up, and the largest resident memory of the process. With GROWTH=1 also at a tenth and at
ten times the observations: memory must not follow. The data are made by the seeded generator beside the corpus, or the one that SLUICE_GENERATOR names.
"""
import os, statistics, subprocess, sys, tempfile

TURNS = 5
SIMDJSON = (
    "import simdjson, sys, time\n"
    "data = open(sys.argv[1], 'rb').read(); begin = time.process_time(); simdjson.Parser().parse(data); print(time.process_time() - begin)"
)


def spend(command):
    """Processor seconds and peak memory in MiB of one run."""
    with open(os.devnull, "wb") as null:
        process = subprocess.Popen(command, stdout=null, stderr=null)
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def told(command):
    """What a program that measures itself prints: only its own part counts, not that of starting Python."""
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout), 0


def compare(name, command, floor, measure_floor=spend):
    turns = [(measure_floor(floor) if floor else (0, 0), spend(command)) for _ in range(TURNS + 1)][1:]
    least = statistics.median(turn[0][0] for turn in turns)
    own = statistics.median(turn[1][0] for turn in turns)
    ratio = f"{own / least:5.2f}" if least else "     "
    print(f"| {name:<22} | {own:5.2f} | {least:5.2f} | {ratio} | {max(turn[1][1] for turn in turns):4.0f} |", flush=True)


def main():
    sluice, corpus = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    generator = os.environ.get("SLUICE_GENERATOR", os.path.join(corpus, "../acceptance/generate_sdg_data.py"))
    structure = os.path.join(corpus, "sdmx/Tajstat_sdg-data-tajikistan2/SDG_DSD_1.4_2021-06-24__SDG_DSD.xml")
    for needed in (generator, structure):
        if not os.path.exists(needed):
            sys.exit(f"bench: {needed} is not there; name the corpus with CORPUS=… or the generator with SLUICE_GENERATOR=…")
    with tempfile.TemporaryDirectory() as folder:

        def make(count, formats):
            command = [sys.executable, generator, "--dsd", structure, "--out", folder, "--obs", str(count), "--formats", formats]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

        def file(name):
            return os.path.join(folder, name)

        def convert(source, name, to):
            return [sluice, "convert", file(source), file(name), "--to", to, "--structure", structure]

        def xmllint(name):
            return ["xmllint", "--sax", "--noout", file(name)]

        make(count, "ss21,gen21,csv20,json20")
        check = [sluice, "check", file("ss21.xml"), "--structure", structure]
        print(f"{count} observations, {os.cpu_count()} processors; floors: xmllint --sax --noout of the XML file, simdjson's lazy parse of the JSON file")
        print("| what                   | cpu s | floor | ratio |  MiB |")
        print("|------------------------|-------|-------|-------|------|")
        compare("ss21 to csv20", convert("ss21.xml", "out.csv", "sdmx-csv-2.0"), xmllint("ss21.xml"))
        compare("check ss21", check, xmllint("ss21.xml"))
        compare("ss21 to gen21", convert("ss21.xml", "out.xml", "sdmx-ml-2.1-generic"), xmllint("ss21.xml"))
        compare("ss21 to json20", convert("ss21.xml", "out.json", "sdmx-json-2.0"), xmllint("ss21.xml"))
        compare("gen21 to csv20", convert("gen21.xml", "out.csv", "sdmx-csv-2.0"), xmllint("gen21.xml"))
        compare("csv20 to ss21", convert("csv20.csv", "out.xml", "sdmx-ml-2.1"), xmllint("ss21.xml"))
        compare("wc -l csv20", ["wc", "-l", file("csv20.csv")], None)
        json = convert("json20.json", "out.csv", "sdmx-csv-2.0")
        try:
            compare("json20 to csv20", json, [sys.executable, "-c", SIMDJSON, file("json20.json")], told)
        except subprocess.CalledProcessError:
            compare("json20 to csv20", json, None)
            print("simdjson is absent (pip install pysimdjson): json20 has no floor", file=sys.stderr)
        if not os.environ.get("GROWTH"):
            return
        print("\n| observations | what          | cpu s | floor | ratio |  MiB |\n|--------------|---------------|-------|-------|-------|------|")
        for size in (count // 10, count, count * 10):
            make(size, "ss21")
            for name, command in (("ss21 to csv20", convert("ss21.xml", "out.csv", "sdmx-csv-2.0")), ("check ss21", check)):
                print(f"| {size:>12} ", end="")
                compare(name, command, xmllint("ss21.xml"))


if __name__ == "__main__":
    main()
