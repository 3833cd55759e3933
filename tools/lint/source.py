"""What the lints share: the files of a tree, C++ text without comments and literals, one way to report."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])*'", re.DOTALL)


def bare(text):
    """C++ text with comments and literals blanked; lines keep their numbers."""
    return TOKEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def tracked(root):
    """The files of a tree, those that git ignores left out; all of them where there is no git."""
    listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                             capture_output=True, check=False)
    if listing.returncode == 0:
        files = [root / name for name in listing.stdout.decode().split("\0") if name]
    else:
        files = list(root.rglob("*"))
    return sorted({file for file in files if file.is_file()})


def lines_matching(text, pattern):
    """(line number, match) for each match in a text."""
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match


def report(findings, root):
    """Prints findings [(path, line, message)] and returns the exit code."""
    for path, line, message in sorted(findings, key=lambda finding: (str(finding[0]), finding[1])):
        print(f"{Path(path).relative_to(root)}:{line}: {message}")
    return 1 if findings else 0


def main(check):
    """Runs check(root) on the tree given as the first argument, or on this one."""
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    sys.exit(report(check(root), root))
