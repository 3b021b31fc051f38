#!/bin/bash
# Installs the Debian packages that only tests and benchmarks need: programs of other people that must come to the
# same verdict as ours. They are peers, never dependencies; a test that misses one says so and is skipped.
#
# Usage: scripts/setup-peers.sh
set -euo pipefail
. "$(dirname "$0")/packages.sh"

install_missing setup-peers \
    "xmlsec1          an independent verifier and signer of XML signatures" \
    "openssl          certificates, CMS envelopes, timestamps and evidence, made and checked by another program" \
    "libxml2-utils    xmllint, for comparing verdicts on schemas and canonical forms" \
    "sqlite3          a look into the journal's database from outside" \
    "curl             requests that were not made by our own client" \
    "wrk              load for the benchmarks"
