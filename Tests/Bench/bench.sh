#!/bin/sh
# Measures the hot paths against their floors, in one run on one machine: bench.sh SLUICE CORPUS [OBSERVATIONS]
#
# With GROWTH=1 also at a tenth and at ten times the observations: memory must not follow.
#
# The data are made by the seeded generator beside the corpus. Each figure is the median of five runs in processor seconds (user and system),
# with the peak resident memory of the process. What counts is the ratio to the floor, not the seconds.
set -eu
sluice=$1
python=${SLUICE_ORACLE_PYTHON:-python3}
corpus=$2
observations=${3:-1000000}
generator=${SLUICE_GENERATOR:-$corpus/../acceptance/generate_sdg_data.py}
structure=$corpus/sdmx/Tajstat_sdg-data-tajikistan2/SDG_DSD_1.4_2021-06-24__SDG_DSD.xml
for needed in "$generator" "$structure"; do
    [ -f "$needed" ] || { echo "bench: $needed is not there; name the corpus with CORPUS=… or the generator with SLUICE_GENERATOR=…" >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$generator" --dsd "$structure" --out "$work" --obs "$observations" --formats ss21,gen21,csv20,json20 >/dev/null

# Prints the median processor seconds and the largest peak memory of five runs.
measure() {
    python3 - "$@" <<'PYTHON'
import os, statistics, subprocess, sys
seconds, peak = [], 0
for _ in range(6):
    with open(os.devnull, "wb") as null:
        process = subprocess.Popen(sys.argv[1:], stdout=null, stderr=null)
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(sys.argv[1:])} ended with {status}")
    seconds.append(usage.ru_utime + usage.ru_stime)
    peak = max(peak, usage.ru_maxrss)
print(f"{statistics.median(seconds[1:]):.2f} {peak / 1024:.0f}")
PYTHON
}

row() {
    name=$1; floor=$2; shift 2
    result=$(measure "$@")
    awk -v name="$name" -v result="$result" -v floor="$floor" 'BEGIN { split(result, r, " "); printf "| %-34s | %6.2f | %5.1f | %4d |\n", name, r[1], (floor > 0 ? r[1] / floor : 1), r[2] }'
}

xml=$(measure xmllint --sax --noout "$work/ss21.xml"); xml=${xml%% *}
generic=$(measure xmllint --sax --noout "$work/gen21.xml"); generic=${generic%% *}
echo "$observations observations; $(nproc) processors"
echo "| what                               |  cpu s | ratio |  MiB |"
echo "|------------------------------------|--------|-------|------|"
row "xmllint --sax --noout ss21" "$xml" xmllint --sax --noout "$work/ss21.xml"
row "convert ss21 to csv20" "$xml" "$sluice" convert "$work/ss21.xml" "$work/out.csv" --to sdmx-csv-2.0 --structure "$structure"
row "check ss21" "$xml" "$sluice" check "$work/ss21.xml" --structure "$structure"
row "convert ss21 to gen21" "$xml" "$sluice" convert "$work/ss21.xml" "$work/out.xml" --to sdmx-ml-2.1-generic --structure "$structure"
row "convert ss21 to json20" "$xml" "$sluice" convert "$work/ss21.xml" "$work/out.json" --to sdmx-json-2.0 --structure "$structure"
row "xmllint --sax --noout gen21" "$generic" xmllint --sax --noout "$work/gen21.xml"
row "convert gen21 to csv20" "$generic" "$sluice" convert "$work/gen21.xml" "$work/out.csv" --to sdmx-csv-2.0 --structure "$structure"
lines=$(measure wc -l "$work/csv20.csv"); lines=${lines%% *}
row "wc -l csv20" "$lines" wc -l "$work/csv20.csv"
row "convert csv20 to ss21" "$xml" "$sluice" convert "$work/csv20.csv" "$work/out.xml" --to sdmx-ml-2.1 --structure "$structure"
if "$python" -c "import simdjson" 2>/dev/null; then
    # The time of the parse alone: not of starting Python or of reading the file.
    json=$("$python" -c 'import simdjson, statistics, sys, time
data, seconds = open(sys.argv[1], "rb").read(), []
for _ in range(6):
    begin = time.process_time(); simdjson.Parser().parse(data); seconds.append(time.process_time() - begin)
print(f"{statistics.median(seconds[1:]):.2f}")' "$work/json20.json")
    printf '| %-34s | %6.2f | %5.1f | %4s |\n' "simdjson's lazy parse of json20" "$json" 1 ""
else
    echo "simdjson is absent: json20 is held against xmllint of ss21" >&2
    json=$xml
fi
row "convert json20 to csv20" "$json" "$sluice" convert "$work/json20.json" "$work/out.csv" --to sdmx-csv-2.0 --structure "$structure"

[ "${GROWTH:-}" ] || exit 0
echo
echo "| observations | command                |  cpu s |  MiB |"
echo "|--------------|------------------------|--------|------|"
for count in $((observations / 10)) "$observations" $((observations * 10)); do
    python3 "$generator" --dsd "$structure" --out "$work" --obs "$count" --formats ss21 >/dev/null
    for command in "convert $work/ss21.xml $work/out.csv --to sdmx-csv-2.0" "check $work/ss21.xml"; do
        # shellcheck disable=SC2086
        result=$(measure "$sluice" $command --structure "$structure")
        printf '| %12s | %-22s | %6s | %4s |\n' "$count" "${command%% *} ss21" "${result%% *}" "${result##* }"
    done
done
