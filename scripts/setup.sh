#!/bin/bash
# Installs the Debian packages that building lgsp needs and that are missing. Says which and why; does nothing and
# says nothing when they are all there. Works as root or through sudo.
#
# Usage: scripts/setup.sh
set -euo pipefail
. "$(dirname "$0")/packages.sh"

if ! command -v swift >/dev/null; then
    cat >&2 <<'TEXT'
setup: no Swift toolchain was found (the command 'swift' is not on the PATH).
       lgsp needs Swift 6.2 or newer. Install it as https://www.swift.org/install/linux/ describes
       (Debian 12 is among the platforms there), add its usr/bin to the PATH and run this again.
TEXT
    exit 3
fi

version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${version:-0 0}"
if ((major < 6 || (major == 6 && minor < 2))); then
    echo "setup: this is Swift ${version/ /.}; lgsp needs 6.2 or newer (https://www.swift.org/install/linux/)." >&2
    exit 3
fi

install_missing setup \
    "git              Swift's package manager fetches the packages in Package.swift with it" \
    "pkg-config       tells Swift's package manager where the C libraries are" \
    "libxml2-dev      parsing, canonicalising and validating XML (HubXML)" \
    "libssl-dev       hashes, signatures and certificates, OpenSSL 3 (HubEnvelope)" \
    "libsqlite3-dev   the queries of the journal (HubStore, through GRDB)" \
    "zlib1g-dev       compression in the HTTP client and server (through swift-nio-extras)"
