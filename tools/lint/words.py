#!/usr/bin/env python3
"""Refuses words that do not belong: paths of somebody's machine, unfinished work, names that say nothing."""

import re

import source

TEXT = {".cc", ".h", ".md", ".py", ".sh", ".cmake", ".txt", ".yaml", ".yml", ".json", ".toml", ""}
LINES = [
    (re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work)/[\w.]"), "a path of somebody's machine"),
    (re.compile(r"\bTODO\b(?!\(#\d+\):)"), "TODO without its issue; write TODO(#n):"),
    (re.compile(r"\b(?:FIXME|XXX|HACK)\b"), "unfinished work without an issue"),
    (re.compile(r"\bnot (?:yet )?implemented\b"), "a promise in place of the work"),
]
EMPTY_NAMES = {"manager", "helper", "helpers", "util", "utils", "common", "impl", "misc", "core", "stuff"}
# In C++ a type of such a name is refused too; a private `struct Impl` alone, hiding a library, is not.
EMPTY_TYPES = re.compile(
    r"\b(?:class|struct|enum(?: class)?)\s+(?:\w*(?:Manager|Helpers?|Utils?|Common)|\w+Impl)\b")


def check(root):
    findings = []
    for file in source.tracked(root):
        place = file.relative_to(root)
        if place.parts[:2] == ("tools", "lint"):
            continue  # They name what they refuse.
        for part in place.parts:
            words = set(re.split(r"[_.\-]", part.lower()))
            if words & EMPTY_NAMES:
                findings.append((file, 1, f"'{part}' says nothing: {', '.join(sorted(words & EMPTY_NAMES))}"))
        if file.suffix not in TEXT:
            continue
        text = file.read_text(errors="replace")
        for pattern, why in LINES:
            findings += [(file, line, f"'{match[0]}': {why}") for line, match in source.lines_matching(text, pattern)]
        if file.suffix in (".cc", ".h"):
            findings += [(file, line, f"'{match[0]}' says nothing")
                         for line, match in source.lines_matching(source.bare(text), EMPTY_TYPES)]
    return findings


if __name__ == "__main__":
    source.main(check)
