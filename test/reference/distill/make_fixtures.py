"""Makes the fixture of kernel-helpers' distillation: torchdistill, and torch where it has none.

    python -m venv /tmp/reference && /tmp/reference/bin/pip install -r requirements.txt
    /tmp/reference/bin/python make_fixtures.py

Inputs are multiples of 1/1024, so that float32 holds them exactly, and stand in the fixture.
No seed is shared.
Pictures are kept as [examples, height, width, channels]; torch gets them with the channels first.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torchdistill.losses import mid_level

FILE = Path(__file__).parents[3] / "kernel-helpers" / "src" / "fixtures" / "distill.json"
RANDOM = np.random.default_rng(20261125)
LOGITS = {"student_module_path": "m", "student_module_io": "output"} | {
    "teacher_module_path": "m",
    "teacher_module_io": "output",
}
PATHS = {"student_output_path": "m", "teacher_output_path": "m"}


def exact(*shape: int, scale: float = 1.0) -> np.ndarray:
    """Normal numbers rounded to multiples of 1/1024."""
    return np.round(RANDOM.normal(size=shape) * scale * 1024) / 1024


def module(loss: torch.nn.Module) -> Callable[..., torch.Tensor]:
    """A loss of torchdistill as a function of the two tensors and the targets."""
    return lambda teacher, student, targets: loss(
        {"m": {"output": student}}, {"m": {"output": teacher}}, targets
    )


def decoupled(alpha: float, beta: float, temperature: float) -> Callable[..., torch.Tensor]:
    """Equation 7 of arXiv:2203.08679, in probabilities."""

    def loss(teacher: torch.Tensor, student: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        p, q = (functional.softmax(x / temperature, dim=1) for x in (teacher, student))
        mask = functional.one_hot(targets, p.shape[1]).bool()
        rows = torch.arange(len(targets))
        pt, qt = p[rows, targets], q[rows, targets]
        target = pt * (pt / qt).log() + (1 - pt) * ((1 - pt) / (1 - qt)).log()
        rest_p, rest_q = (x[~mask].reshape(len(targets), -1) for x in (p, q))
        rest_p, rest_q = (x / x.sum(1, keepdim=True) for x in (rest_p, rest_q))
        rest = (rest_p * (rest_p / rest_q).log()).sum(1)
        return temperature**2 * (alpha * target + beta * rest).mean()

    return loss


def similarity_l2(teacher: torch.Tensor, student: torch.Tensor, _: object) -> torch.Tensor:
    """Equation 4 of arXiv:1907.09682; torchdistill's loss takes the L1 norm of the rows."""
    gram = [
        functional.normalize(x.flatten(1) @ x.flatten(1).T, p=2, dim=1) for x in (teacher, student)
    ]
    return (gram[0] - gram[1]).square().sum() / len(teacher) ** 2


def flow_paper(teacher: list[torch.Tensor], student: list[torch.Tensor]) -> torch.Tensor:
    """Equation 2 of the paper on FSP."""
    matrices = [mid_level.FSPLoss.compute_fsp_matrix(*pair) for pair in (teacher, student)]
    return (matrices[0] - matrices[1]).square().sum(dim=(1, 2)).mean()


def flow_torchdistill(teacher: list[torch.Tensor], student: list[torch.Tensor]) -> torch.Tensor:
    place = {where: {"io": "output", "path": where} for where in ("first", "second")}
    pair = {f"{who}_{where}": place[where] for who in ("teacher", "student") for where in place}
    loss = mid_level.FSPLoss({"pair": pair})
    outputs = [
        {"first": {"output": first}, "second": {"output": second}}
        for first, second in (student, teacher)
    ]
    return loss(*outputs)


def attention(mode: str) -> Callable[..., torch.Tensor]:
    place = {"io": "output", "path": "m"}
    return module(mid_level.ATLoss({"pair": {"teacher": place, "student": place}}, mode=mode))


def relational(distance: float, angle: float) -> Callable[..., torch.Tensor]:
    return module(
        mid_level.RKDLoss(**PATHS, dist_factor=distance, angle_factor=angle, reduction="mean")
    )


CASES = {
    "softTargets": (
        "logits",
        module(mid_level.KDLoss(**LOGITS, temperature=4.0, alpha=1e-300, beta=1.0)),
    ),
    "softTargets without T squared": (
        "logits",
        module(mid_level.KDLoss(**LOGITS, temperature=4.0, alpha=0.0)),
    ),
    "softTargets sum": (
        "logits",
        lambda t, s, _: (
            9
            * functional.kl_div(
                functional.log_softmax(s / 3, 1), functional.softmax(t / 3, 1), reduction="sum"
            )
        ),
    ),
    "softTargets mean": (
        "logits",
        lambda t, s, _: (
            9
            * functional.kl_div(
                functional.log_softmax(s / 3, 1), functional.softmax(t / 3, 1), reduction="mean"
            )
        ),
    ),
    "softTargets cross-entropy": (
        "logits",
        lambda t, s, _: 9 * functional.cross_entropy(s / 3, functional.softmax(t / 3, 1)),
    ),
    "hard and soft": ("logits", module(mid_level.KDLoss(**LOGITS, temperature=2.0, alpha=0.3))),
    "decoupled": ("logits", decoupled(1.0, 8.0, 4.0)),
    "decoupled weights": ("logits", decoupled(0.5, 2.0, 1.0)),
    "dist": ("logits", module(mid_level.DISTLoss(**LOGITS, beta=2.0, gamma=0.5, tau=1.0))),
    "dist tau 4": ("logits", module(mid_level.DISTLoss(**LOGITS, tau=4.0))),
    "hint": ("features", lambda t, s, _: functional.mse_loss(s, t)),
    "hint of the paper": (
        "features",
        lambda t, s, _: functional.mse_loss(s, t, reduction="sum") / (2 * len(t)),
    ),
    "attention": ("maps", attention("code")),
    "attention of the paper": ("maps", attention("paper")),
    "similarity": ("maps", similarity_l2),
    "similarity l1": ("maps", module(mid_level.SPKDLoss(**PATHS, reduction="batchmean"))),
    "relational": ("maps", relational(1.0, 2.0)),
    "relational distances": ("features", relational(25.0, 0.0)),
    "flow": ("flows", flow_paper),
    "flow of torchdistill": ("flows", flow_torchdistill),
}


def evaluate(
    kind: str, loss: Callable[..., torch.Tensor], inputs: dict, dtype: torch.dtype
) -> dict:
    """A loss and its gradient by the student's tensors."""

    def tensors(who: str) -> list[torch.Tensor]:
        arrays = inputs[kind][who]
        arrays = arrays if isinstance(arrays, list) else [arrays]
        made = [torch.tensor(a, dtype=dtype, requires_grad=who == "student") for a in arrays]
        return made

    teacher, student = tensors("teacher"), tensors("student")
    views = [
        [x.permute(0, 3, 1, 2) if x.dim() == 4 else x for x in side] for side in (teacher, student)
    ]
    targets = torch.tensor(inputs["targets"])
    value = loss(*views) if kind == "flows" else loss(views[0][0], views[1][0], targets)
    value.backward()
    return {"loss": value.item(), "gradients": [x.grad.tolist() for x in student]}


def main() -> None:
    inputs = {
        "targets": [0, 3, 2, 4, 3, 1],
        "logits": {"teacher": exact(6, 5, scale=3), "student": exact(6, 5, scale=2)},
        "features": {"teacher": exact(5, 7), "student": exact(5, 7)},
        "maps": {"teacher": exact(4, 3, 2, 5), "student": exact(4, 3, 2, 3)},
        "flows": {
            "teacher": [exact(3, 4, 4, 2), exact(3, 2, 2, 3)],
            "student": [exact(3, 4, 4, 2), exact(3, 2, 2, 3)],
        },
    }
    cases = {
        name: {
            "kind": kind,
            **{
                str(d).removeprefix("torch."): evaluate(kind, loss, inputs, d)
                for d in (torch.float64, torch.float32)
            },
        }
        for name, (kind, loss) in CASES.items()
    }
    versions = {name: importlib.metadata.version(name) for name in ("torch", "torchdistill")}
    text = json.dumps(
        {"made_with": versions, "inputs": inputs, "cases": cases},
        separators=(",", ":"),
        default=np.ndarray.tolist,
    )
    FILE.write_text(text + "\n")


if __name__ == "__main__":
    main()
