#!/bin/bash
# Runs the fuzz targets of Tests/Fuzz, one after the other: scripts/fuzz.sh MINUTES [TARGET…]
#
# MINUTES, which may be a fraction, is for each target; without targets all are run. What was learnt stays in
# .build-fuzz/corpus and the next run begins with it. Ends with 1 when something was found, after all targets have
# been run. SEED=1 makes runs alike, as far as time allows. `scripts/fuzz.sh seeds` makes those seeds anew that have to
# be signed. docs/fuzzing.md says the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
scratch=.build-fuzz
all=(xml json xml-signature jws cms mime timestamp certificate tar)

usage() {
    sed -n '2,7s/^# \{0,1\}//p' "$0"
    echo "targets: ${all[*]}"
    exit 2
}

build() {
    $swift build --package-path Tests/Fuzz --scratch-path $scratch -c release --product "$1"
}

[[ $# -ge 1 ]] || usage
# A trap of Swift is for libFuzzer to report; the backtrace would hold the report up.
export SWIFT_BACKTRACE=enable=no
if [[ $1 == seeds ]]; then
    build make-seeds
    $scratch/release/make-seeds
    exit
fi
[[ $1 =~ ^[0-9]*\.?[0-9]+$ ]] || usage
seconds=$(awk -v minutes="$1" 'BEGIN { s = int(minutes * 60); print s < 1 ? 1 : s }')
shift
targets=("${@:-${all[@]}}")
for target in "${targets[@]}"; do
    [[ -d Tests/Fuzz/Targets/$target ]] || usage
done

for target in "${targets[@]}"; do build "$target"; done
mkdir -p $scratch/logs
printf '\n%-14s %10s %9s %9s %9s %8s\n' target executions 'a second' coverage features inputs
found=0
for target in "${targets[@]}"; do
    corpus=$scratch/corpus/$target
    findings=$scratch/findings/$target
    log=$scratch/logs/$target.log
    mkdir -p "$corpus" "$findings"
    status=0
    # A limit on one input, in seconds, and on memory, in MB; a leak is a finding too.
    $scratch/release/"$target" -seed="${SEED:-0}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
        -artifact_prefix="$findings/" -print_final_stats=1 "$corpus" "Tests/Fuzz/seeds/$target" \
        >"$log" 2>&1 </dev/null || status=$?
    awk -v target="$target" '
        /^#[0-9]+\t/ {
            for (i = 1; i < NF; i++) {
                if ($i == "cov:") cov = $(i + 1)
                if ($i == "ft:") ft = $(i + 1)
                if ($i == "corp:") { split($(i + 1), part, "/"); inputs = part[1] }
            }
        }
        /^stat::number_of_executed_units/ { runs = $2 }
        /^stat::average_exec_per_sec/ { speed = $2 }
        END { printf "%-14s %10s %9s %9s %9s %8s\n", target, runs, speed, cov, ft, inputs }' "$log"
    [[ $status == 0 ]] && continue
    found=1
    # libFuzzer says where it wrote the input; a target that could not even begin wrote none.
    input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -1)
    echo "FOUND by $target (status $status): ${input:-no input, see $log}"
    grep -E 'oracle:|Fatal error|ERROR: |SUMMARY: ' "$log" | head -5 | sed 's/^/    /' || true
    if [[ -n $input ]]; then
        echo "    again:   SWIFT_BACKTRACE=enable=no $scratch/release/$target $input"
        echo "    smaller: $scratch/release/$target -minimize_crash=1 -max_total_time=60 $input"
    fi
done
exit $found
