#!/bin/bash
# Prints the detached JWS (RFC 7515, with RFC 7797's b64=false) of a file: the value of the header Lgsp-Signature.
# With nothing but openssl and coreutils, as a pattern for systems that are written in something else.
#
# Usage: scripts/sign-jws.sh KEY.pem FILE        P-256 gives ES256, RSA gives RS256
set -euo pipefail
if (($# != 2)); then
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
fi
key=$1 file=$2

base64url() { base64 -w 0 | tr '+/' '-_' | tr -d '='; }

# ECDSA: openssl writes SEQUENCE { r, s } in DER, a JWS wants both as 32 bytes, one behind the other.
raw_ecdsa() {
    openssl asn1parse -inform DER | sed -n 's/.*INTEGER *://p' | while read -r number; do
        printf '%064s' "$number" | tr ' ' '0'
    done | sed 's/../\\x&/g' | xargs -0 printf '%b'
}

# The key is named by the SHA-256 of its public part (SubjectPublicKeyInfo, DER).
kid=$(openssl pkey -in "$key" -pubout -outform DER | sha256sum | cut -d ' ' -f 1)
if openssl pkey -in "$key" -noout -text | grep -q '^ASN1 OID: prime256v1'; then
    algorithm=ES256 raw=raw_ecdsa
else
    algorithm=RS256 raw=cat
fi
header=$(printf '{"alg":"%s","kid":"%s","b64":false,"crit":["b64"]}' "$algorithm" "$kid" | base64url)
signature=$({ printf '%s.' "$header"; cat "$file"; } | openssl dgst -sha256 -sign "$key" -binary | "$raw" | base64url)
printf '%s..%s\n' "$header" "$signature"
