#!/bin/sh
# Fuzzes one reader for some time: fuzz.sh TARGET SECONDS [SEEDS…]
#
# TARGET is the id of a data or structure format, or csv-mapping. What is found (crash-…, timeout-…, oom-…) is left in .build-fuzz/found/TARGET;
# the inputs that reach new code are kept in .build-fuzz/inputs/TARGET, so that the next run goes on from there. SEEDS are folders of messages.
set -eu
target=$1
seconds=$2
shift 2
cd "$(dirname "$0")/../.."
# Of two --sanitize the compiler would keep the last alone: the flag behind them instruments Swift's code for both.
SLUICE_FUZZ=1 swift build -c release --sanitize fuzzer --sanitize address -Xswiftc -sanitize=fuzzer,address --scratch-path .build-fuzz --product sluice-fuzz
inputs=.build-fuzz/inputs/$target
found=.build-fuzz/found/$target
mkdir -p "$inputs" "$found"
for seeds in "$@"; do
    # A first byte says how the input is cut into pieces: 255 is "in pieces of 255 bytes".
    find "$seeds" -type f -size -64k | while read -r seed; do
        { printf '\377'; cat "$seed"; } >"$inputs/seed-$(cksum <"$seed" | tr ' ' '-')"
    done
done
# Swift's own report of a crash reads memory that the address sanitizer forbids.
SWIFT_BACKTRACE=enable=no SLUICE_FUZZ_TARGET=$target .build-fuzz/release/sluice-fuzz "$inputs" -artifact_prefix="$found/" -max_total_time="$seconds" \
    -max_len=65536 -timeout=20 -rss_limit_mb=2048 -detect_leaks=0 -print_final_stats=1
