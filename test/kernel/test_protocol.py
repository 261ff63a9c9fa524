"""The public conformance suite of Jupyter's messaging protocol, on this kernel."""

from __future__ import annotations

import jupyter_kernel_test  # type: ignore[import-untyped]

KERNEL_NAME = "joulebook-typescript"


class TypeScriptKernelTests(jupyter_kernel_test.KernelTests):  # type: ignore[misc]
    """All groups of the suite; the samples are TypeScript."""

    kernel_name = KERNEL_NAME
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [  # noqa: RUF012
        {"text": "Math.hyp", "matches": {"hypot"}},
        {"text": "JSON.str", "matches": {"stringify"}},
    ]
    complete_code_samples = ["1", "const a = 1", "function f() {\n  return 1\n}"]  # noqa: RUF012
    incomplete_code_samples = ["function f() {", "const a = [1,", "`open", "/* open"]  # noqa: RUF012
    invalid_code_samples = ["const const = 1", "let 3x = 1"]  # noqa: RUF012
    code_page_something = "Math.hypot?"
    code_generate_error = "throw new Error('boom')"
    code_execute_result = [  # noqa: RUF012
        {"code": "6 * 7", "result": "42"},
        {"code": "'a' + 'b'", "result": "'ab'"},
        {"code": "6 * 8", "result": "48"},
    ]
    code_display_data = [  # noqa: RUF012
        {
            "code": "import * as tslab from 'tslab'\ntslab.display.html('<b>x</b>')",
            "mime": "text/html",
        },
        {"code": "tslab.display.png(new Uint8Array([1, 2]))", "mime": "image/png"},
        {"code": "tslab.display.latex('$x$')", "mime": "text/latex"},
    ]
    code_history_pattern = "6 ? 7"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.hypot"
    code_clear_output = "import { clearOutput } from 'tslab'\nclearOutput()"


class IopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):  # type: ignore[misc]
    """The kernel greets each subscriber of iopub."""

    kernel_name = KERNEL_NAME
    support_iopub_welcome = True
