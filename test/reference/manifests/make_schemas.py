"""JSON schemas for the cluster's manifests, from the models of two packages.

    python -m pip install --no-deps --target packages -r requirements.txt
    python make_schemas.py packages

kubeflow-training, the training operator's own client, describes TFJob; kubernetes, the API
server's, all that Kubernetes itself defines. Their models are generated from the custom resource
definition and from the API server's OpenAPI document. Unknown fields are refused, as
`kubectl apply --validate=strict` does. The files are read, not imported: nothing else is needed.
"""

import ast
import json
import re
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[2] / "fleet/fixtures/kubernetes.json"
#: What the manifests of notebooks/distributed are.
KINDS = {
    "TFJob": "KubeflowOrgV1TFJob",
    "DaemonSet": "V1DaemonSet",
    "Namespace": "V1Namespace",
}
PLAIN: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string"},
    "object": {},
    "Quantity": {"type": ["string", "number"]},
    "IntOrString": {"type": ["string", "integer"]},
}
REQUIRED = re.compile(r"Invalid value for `(\w+)`, must not be `None`")


def models(packages: Path) -> dict[str, Path]:
    """The file of every model, by its class."""
    folders = ["kubeflow/training/models", "kubernetes/client/models"]
    files = [file for folder in folders for file in sorted((packages / folder).glob("*.py"))]
    named = ((re.search(r"^class (\w+)\(", file.read_text(), re.M), file) for file in files)
    return {found[1]: file for found, file in named if found}


def tables(source: str) -> tuple[dict[str, str], dict[str, str]]:
    """What a model says of its fields: their types, and their names in a manifest."""
    found = {
        target.id: ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id in ("openapi_types", "attribute_map")
    }
    return found["openapi_types"], found["attribute_map"]


def schema_of(kind: str, needed: set[str]) -> dict[str, Any]:
    """The schema of a type as the models write it; notes the models it refers to."""
    if kind in PLAIN:
        return PLAIN[kind]
    if inner := re.fullmatch(r"dict\(str, (.+)\)", kind):
        return {"type": "object", "additionalProperties": schema_of(inner[1], needed)}
    if inner := re.fullmatch(r"list\[(.+)\]", kind):
        return {"type": "array", "items": schema_of(inner[1], needed)}
    needed.add(kind)
    return {"$ref": f"#/$defs/{kind}"}


def definition(source: str, needed: set[str]) -> dict[str, Any]:
    types, names = tables(source)
    properties = {names[field]: schema_of(kind, needed) for field, kind in types.items()}
    required = sorted({names[field] for field in REQUIRED.findall(source)})
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def main(packages: Path) -> None:
    files = models(packages)
    definitions: dict[str, Any] = {}
    waiting = set(KINDS.values())
    while waiting:
        name = waiting.pop()
        needed: set[str] = set()
        definitions[name] = definition(files[name].read_text(), needed)
        waiting |= needed - definitions.keys()
    versions = sorted(info.stem for info in packages.glob("kube*.dist-info"))
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"from {' and '.join(versions)} (Apache-2.0), by make_schemas.py",
        "kinds": {kind: {"$ref": f"#/$defs/{name}"} for kind, name in KINDS.items()},
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }
    OUT.write_text(json.dumps(schema, separators=(",", ":")).replace('"V1', '\n"V1') + "\n")


main(Path(sys.argv[1]))
