"""Runs a Python program as an inline program of Pulumi's Automation API, in the project of the working directory.

python inline.py PROGRAM up|preview|destroy. A preview must find nothing to change.
"""

import os
import runpy
import sys

from pulumi import automation


def write(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    program, operation = sys.argv[1:]
    stack = automation.select_stack(
        stack_name="dev",
        project_name=os.environ["PROJECT"],
        program=lambda: runpy.run_path(program, run_name="__main__") and None,
        opts=automation.LocalWorkspaceOptions(work_dir=os.getcwd()),
    )
    try:
        if operation == "up":
            stack.up(on_output=write)
        elif operation == "preview":
            stack.preview(on_output=write, expect_no_changes=True)
        elif operation == "destroy":
            stack.destroy(on_output=write)
        else:
            sys.exit(f"unknown operation {operation}")
    except automation.CommandError as error:
        sys.exit(str(error))


main()
