"""The manifests that a cluster gets are what the cluster understands, down to the last field."""

from __future__ import annotations

import copy
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from conftest import ROOT

FILES = ROOT / "notebooks/distributed"
HERE = Path(__file__).parent
KUBERNETES = json.loads((HERE / "fixtures/kubernetes.json").read_text())
SBATCH = Draft202012Validator(json.loads((HERE / "sbatch.schema.json").read_text()))
MANIFESTS = [
    (path.name, document)
    for path in sorted(FILES.glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
]


def check(document: dict[str, Any]) -> None:
    """As `kubectl apply --validate=strict` does: types, required fields, no unknown one."""
    schema = {**KUBERNETES["kinds"][document["kind"]], "$defs": KUBERNETES["$defs"]}
    Draft202012Validator(schema).validate(document)


@pytest.mark.parametrize(
    ("name", "document"), MANIFESTS, ids=[f"{name}: {each['kind']}" for name, each in MANIFESTS]
)
def test_a_manifest_has_no_field_that_the_cluster_does_not_know(
    name: str, document: dict[str, Any]
) -> None:
    check(document)


def test_a_field_misspelt_deep_inside_is_found() -> None:
    [job] = [document for _, document in MANIFESTS if document["kind"] == "TFJob"]
    broken = copy.deepcopy(job)
    [container] = broken["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"]["containers"]
    container["volumeMount"] = container.pop("volumeMounts")
    with pytest.raises(ValidationError, match="volumeMount"):
        check(broken)


def test_the_job_has_what_the_operator_looks_for() -> None:
    """The training operator finds the container and its port by these names."""
    [job] = [document for _, document in MANIFESTS if document["kind"] == "TFJob"]
    assert job["apiVersion"] == "kubeflow.org/v1"
    [worker] = job["spec"]["tfReplicaSpecs"].values()
    [container] = worker["template"]["spec"]["containers"]
    assert container["name"] == "tensorflow"
    assert "tfjob-port" in [port["name"] for port in container["ports"]]
    script = container["command"][-1]
    assert (FILES / script).is_file()


def test_slurms_script_asks_for_what_sbatch_knows() -> None:
    script = (FILES / "slurm.sh").read_text()
    SBATCH.validate(options(script))
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
    assert checked.returncode == 0, checked.stderr
    assert re.search(r"^srun .* node train\.ts$", script, re.M)
    with pytest.raises(ValidationError, match="ntask-per-node"):
        SBATCH.validate(options(script.replace("ntasks-per-node", "ntask-per-node")))


def options(script: str) -> dict[str, str | bool]:
    """What sbatch reads: lines that start with #SBATCH, up to the first command."""
    found: dict[str, str | bool] = {}
    for line in script.splitlines():
        if not line.startswith("#") and line.strip():
            break
        if line.startswith("#SBATCH "):
            for word in shlex.split(line.removeprefix("#SBATCH ")):
                name, has_value, value = word.removeprefix("--").partition("=")
                found[name] = value if has_value else True
    return found
