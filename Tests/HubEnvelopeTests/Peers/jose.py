"""Signs and checks JWS with joserfc: a JSON list of jobs on standard input, a list of answers on standard output.

A job to check has "jws" (a text or an object), "keys" by "kid" and "algorithms", and "content" if that is beside; its
answer is {"payload": ...} or {"refused": why}. A job to sign has "payload", "form" and one or more "members" with
"protected", "header" and "key"; its answer is {"jws": ...}. Bytes are written in base64.
"""

import base64
import json
import sys

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

TYPES = {"ES": ECKey, "RS": RSAKey, "PS": RSAKey, "Ed": OKPKey, "HS": OctKey}


def key(algorithm, value):
    return TYPES[algorithm[:2]].import_key(base64.b64decode(value))


def finder(job):
    return lambda found: key(found.headers()["alg"], job["keys"][found.headers().get("kid", "")])


def check(job):
    value, algorithms = job["jws"], job["algorithms"]
    try:
        if isinstance(value, dict):
            found = jws.deserialize_json(value, finder(job), algorithms)
        else:
            content = base64.b64decode(job["content"]) if "content" in job else None
            found = jws.deserialize_compact(value, finder(job), algorithms, payload=content)
    except (JoseError, ValueError) as refusal:
        return {"refused": repr(refusal)}
    return {"payload": base64.b64encode(found.payload).decode()}


def sign(job):
    payload, members, form = base64.b64decode(job["payload"]), job["members"], job["form"]
    algorithms = [(m.get("protected", {}) | m.get("header", {}))["alg"] for m in members]
    keys = [key(a, m["key"]) for a, m in zip(algorithms, members)]
    headers = [{n: m[n] for n in ("protected", "header") if n in m} for m in members]
    if form == "general":
        # Asked once for each member, in their order.
        order = iter(keys)
        return {"jws": jws.serialize_json(headers, payload, lambda _: next(order), algorithms)}
    if form == "flattened":
        return {"jws": jws.serialize_json(headers[0], payload, keys[0], algorithms)}
    token = jws.serialize_compact(headers[0]["protected"], payload, keys[0], algorithms)
    return {"jws": jws.detach_content(token) if form == "detached" else token}


json.dump([check(job) if "jws" in job else sign(job) for job in json.load(sys.stdin)], sys.stdout)
