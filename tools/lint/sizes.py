#!/usr/bin/env python3
"""Holds files and functions to the sizes of the style: beyond them one looks again, beyond 1.5 times one splits.

With --look as the second argument it also prints what one should look at again.
"""

import re
import sys

import source

COLUMNS = {".cc": 100, ".h": 100, ".py": 120, ".sh": 120, ".cmake": 120}
FUNCTION_LINES = 60
PARAMETERS = 6
SPLIT = 1.5

# The opening line of a function in clang-format's layout: ends with {, holds a parameter list, is no type or block.
# A TEST is none: its table may be as long as it has cases.
OPENING = re.compile(
    r"^(?P<indent>(?:  )?)(?!\s|namespace\b|class\b|struct\b|enum\b|union\b|extern\b|TEST|if\b|for\b|while\b|switch\b|"
    r"else\b|do\b|try\b|\}|constexpr \w+ k\w+ =|#)(?P<head>[^\n;]*\([^;]*?\)[^;{}()]*)\{$", re.MULTILINE)


def file_limit(file):
    if file.suffix == ".h":
        return 250
    if file.stem.endswith("_test") or (file.suffix == ".py" and "tests" in file.parts):
        return 800
    return 500


def check(root, look=False):
    factor = 1 if look else SPLIT
    findings = []
    for file in source.tracked(root):
        if file.suffix not in COLUMNS:
            continue
        text = file.read_text()
        lines = text.splitlines()
        if len(lines) > file_limit(file) * factor:
            findings.append((file, len(lines), f"{len(lines)} lines; look again beyond {file_limit(file)}"))
        for number, line in enumerate(lines, 1):
            # A literal that would read worse in pieces may stick out.
            if len(line) > COLUMNS[file.suffix] and '"' not in line:
                findings.append((file, number, f"{len(line)} columns; the limit is {COLUMNS[file.suffix]}"))
        if file.suffix in (".cc", ".h"):
            findings += _functions(file, source.bare(text), factor)
    return findings


def _functions(file, code, factor):
    for line, match in source.lines_matching(code, OPENING):
        end = code.find(f"\n{match['indent']}}}", match.end())
        length = code.count("\n", match.start(), end) + 2 if end > 0 else 0
        if length > FUNCTION_LINES * factor:
            yield file, line, f"a function of {length} lines; look again beyond {FUNCTION_LINES}"
        parameters = _parameters(match["head"])
        if parameters > PARAMETERS * factor:
            yield file, line, f"{parameters} parameters; look again beyond {PARAMETERS}"


def _parameters(head):
    """The number of parameters in the first parameter list; commas inside <> and () do not count."""
    inner, depth, commas = head[head.index("(") + 1:], 0, 0
    for character in inner:
        if character in "<({[":
            depth += 1
        elif character in ">)}]":
            depth -= 1
            if depth < 0:
                break
        elif character == "," and depth == 0:
            commas += 1
    return commas + 1


if __name__ == "__main__":
    looking = "--look" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--look"]
    source.main(lambda root: check(root, looking))
