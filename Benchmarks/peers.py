"""Reads and checks one document many times with a library of Python, and prints microseconds of the processor for each.

Usage: peers.py LIBRARY DOCUMENT SCHEMA COUNT, with LIBRARY one of fastjsonschema, jsonschema-rs, lxml.
"""

import json
import sys
import time


def work(library, document, schema):
    if library == "lxml":
        from lxml import etree

        rules = etree.XMLSchema(etree.parse(schema))
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        with open(document, "rb") as file:
            text = file.read()
        return lambda: rules.validate(etree.fromstring(text, parser))
    with open(schema, encoding="utf-8") as file:
        rules = json.load(file)
    with open(document, "rb") as file:
        text = file.read()
    if library == "fastjsonschema":
        import fastjsonschema

        check = fastjsonschema.compile(rules)
        return lambda: check(json.loads(text)) is not None
    if library == "jsonschema-rs":
        import jsonschema_rs

        validator = jsonschema_rs.validator_for(rules)
        return lambda: validator.is_valid(json.loads(text))
    raise SystemExit(f"unknown library: {library}")


def main():
    library, document, schema, count = sys.argv[1:5]
    once = work(library, document, schema)
    for _ in range(200):
        if not once():
            raise SystemExit("not valid")
    begin = time.process_time()
    for _ in range(int(count)):
        once()
    print(f"{(time.process_time() - begin) * 1e6 / int(count):.3f}")


main()
