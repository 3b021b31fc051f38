#!/bin/bash
# Installs what only tests and benchmarks need: programs of other people that must come to the same verdict as ours.
# They are peers, never dependencies; a test that misses one says so and is skipped, except where CI=true.
#
# Two of them are Python packages. They go into an environment of their own, ${XDG_CACHE_HOME:-~/.cache}/lgsp-hub-peers,
# where the tests look for them; LGSP_PEERS_PYTHON names another Python that has them.
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
    "softhsm2         a token of PKCS #11 that is a program, to keep keys in" \
    "opensc           pkcs11-tool, which makes keys in tokens" \
    "libengine-pkcs11-openssl  OpenSSL's way to tokens" \
    "wrk              load for the benchmarks" \
    "gcc              the library of faults that make torture puts under a hub" \
    "libc6-dev        its headers" \
    "python3-venv     an environment for signxml and joserfc, independent XML signatures and JWS"

packages=(signxml==5.2.0 joserfc==1.8.0 lxml==6.1.3 cryptography==50.0.2)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/lgsp-hub-peers
# What is written last says that everything before it went well.
if [[ -x $folder/bin/python3 && $(cat "$folder/packages" 2>/dev/null) == "${packages[*]}" ]]; then exit 0; fi

echo "setup-peers: putting ${packages[*]} into $folder"
# Debian's own Python: another one on the PATH may go away under the environment.
python=/usr/bin/python3
[[ -x $python ]] || python=python3
rm -rf "$folder"
mkdir -p "$folder"
if ! { "$python" -m venv "$folder" && "$folder/bin/python3" -m pip install --quiet "${packages[@]}"; } >&2; then
    echo "setup-peers: the Python packages could not be installed, see above." >&2
    exit 3
fi
echo "${packages[*]}" >"$folder/packages"
