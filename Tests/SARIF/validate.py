# SPDX-License-Identifier: Apache-2.0
#
# Checks one SARIF file against the standard and against the additional requirements of GitHub's
# code scanning. Without SARIF_SCHEMA the check uses PyPI's pydantic-sarif, a model made from the
# public 2.1.0 schema that rejects unknown keys; with it, the schema file itself.
import json
import os
import sys


def errors_by_schema(path):
    import jsonschema

    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    checker = jsonschema.validators.validator_for(schema)(schema)

    def check(report):
        return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(report)]

    return check, f"the schema {schema.get('$id', schema.get('id'))}"


def errors_by_model():
    try:
        import pydantic
        from pydantic_sarif import model
    except ModuleNotFoundError:
        sys.exit("pip install pydantic-sarif, or set SARIF_SCHEMA to the schema's file")
    root = next(
        value for name, value in vars(model).items()
        if isinstance(value, type) and issubclass(value, pydantic.BaseModel) and name.startswith("StaticAnalysisResults"))

    def check(report):
        try:
            root.model_validate(report)
        except pydantic.ValidationError as error:
            return [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        return []

    return check, "pydantic-sarif"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    path = os.environ.get("SARIF_SCHEMA")
    check, name = errors_by_schema(path) if path else errors_by_model()
    errors = check(report)
    for error in errors[:20]:
        print(error)
    run = report["runs"][0]
    results = run["results"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in results:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert len(result["partialFingerprints"]["primaryLocationLineHash"]) == 16
        assert not result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("/")
    fingerprints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]
    assert len(set(fingerprints)) == len(fingerprints), "two findings have one fingerprint"
    assert any((result.get("suppressions") or [{}])[0].get("kind") == "inSource" for result in results)
    assert run["invocations"][0]["toolExecutionNotifications"], "the unparsable file is missing"
    # A check that accepts everything proves nothing.
    for damage in ({"level": "loud"}, {"unknownKey": 1}, {"ruleIndex": "first"}):
        broken = json.loads(json.dumps(report))
        broken["runs"][0]["results"][0].update(damage)
        assert check(broken), f"the check accepts {damage}"
    print(f"{len(results)} results, {len(rules)} rules, {len(errors)} errors by {name}")
    sys.exit(1 if errors else 0)


main()
