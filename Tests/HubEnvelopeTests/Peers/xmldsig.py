"""Signs and checks XML signatures with signxml: a JSON list of jobs on standard input, of answers on standard output.

A job to check has "signed" and "certificate"; its answer is {"content": what the signature covers, in exclusive form}
or {"refused": why}. A job to sign has "document", with an empty Signature that is to be filled, "algorithm", "digest",
"key" and, if it is to be shown, "certificate"; its answer is {"signed": ...}. Bytes are written in base64.
"""

import base64
import json
import sys

from lxml import etree
from signxml import CanonicalizationMethod, SignatureConfiguration, XMLSigner, XMLVerifier
from signxml.exceptions import SignXMLException

EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0


def check(job):
    try:
        found = XMLVerifier().verify(
            base64.b64decode(job["signed"]),
            x509_cert=base64.b64decode(job["certificate"]).decode(),
            expect_config=SignatureConfiguration(expect_references=1),
        )
    except (SignXMLException, ValueError, etree.LxmlError) as refusal:
        return {"refused": repr(refusal)}
    return {"content": base64.b64encode(found.signed_data).decode()}


def sign(job):
    signer = XMLSigner(
        signature_algorithm=job["algorithm"], digest_algorithm=job["digest"], c14n_algorithm=EXCLUSIVE
    )
    certificate = job.get("certificate")
    root = signer.sign(
        etree.fromstring(base64.b64decode(job["document"])),
        key=base64.b64decode(job["key"]),
        cert=base64.b64decode(certificate).decode() if certificate else None,
    )
    return {"signed": base64.b64encode(etree.tostring(root)).decode()}


json.dump([check(job) if "signed" in job else sign(job) for job in json.load(sys.stdin)], sys.stdout)
