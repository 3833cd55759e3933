#!/usr/bin/env python3
"""Holds the includes to the law of src/CMakeLists.txt: add_room(NAME x DEPS ...) says what a room may know.

Refuses undeclared, unused and cyclic dependencies, includes of another room's private folder, Asio outside src/io/*.cc,
and clocks and randomness outside the two files made for them.
"""

import re

import source

ADD_ROOM = re.compile(r"add_room\(\s*NAME\s+(\w+)(?:\s+DEPS\s+([\w\s]*?))?(?:\s+(?:(?:TEST_)?LIBS|TEST_SHARDS)\s+[^)]*)?\s*\)")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)
ASIO = re.compile(r"<boost/asio|\bboost::asio\b|(?<![\w:])asio::|\bnamespace\s+asio\b")
CLOCKS = re.compile(
    r"\b(?:system|steady|high_resolution)_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\b|"
    r"(?<![\w.>:])time\s*\(\s*(?:nullptr|NULL|0|&)|\btimespec_get\b")
RANDOMNESS = re.compile(
    r"\brandom_device\b|\bgetrandom\b|\bgetentropy\b|\barc4random\w*|\bRAND_(?:priv_)?bytes\b|"
    r"(?<![\w.>])s?rand\s*\(|\bstd::(?:mt19937\w*|minstd_rand\w*|default_random_engine|ranlux\w+)\b")
DOORS = {"src/base/system_clock.cc": "clocks", "src/base/system_random.cc": "randomness"}


def rooms_of(root):
    """{room: set of the rooms it declares}, and the file that says so."""
    law = root / "src/CMakeLists.txt"
    text = re.sub(r"#[^\n]*", "", law.read_text())
    return {name: set(deps.split()) for name, deps in ADD_ROOM.findall(text)}, law


def check(root):
    rooms, law = rooms_of(root)
    findings = []
    used = {room: set() for room in rooms}
    files = [file for file in source.tracked(root)
             if file.suffix in (".cc", ".h") and file.is_relative_to(root / "src")]
    for file in files:
        room = file.relative_to(root / "src").parts[0]
        if room not in rooms:
            findings.append((file, 1, f"'{room}' is not declared by add_room in src/CMakeLists.txt"))
            continue
        text = file.read_text()
        findings += _includes(file, text, room, rooms, used)
        findings += _doors(file, text, root)
    inhabited = {file.relative_to(root / "src").parts[0] for file in files}
    for room in sorted(inhabited & set(rooms)):
        for unused in sorted(rooms[room] - used[room]):
            findings.append((law, 1, f"'{room}' declares '{unused}' and never includes it"))
    findings += [(law, 1, "cycle: " + " -> ".join(ring)) for ring in _cycles(rooms)]
    return findings


def _includes(file, text, room, rooms, used):
    for line, match in source.lines_matching(text, INCLUDE):
        parts = match[1].split("/")
        other = parts[0]
        if len(parts) < 2 or other not in rooms:
            yield file, line, f'"{match[1]}" is not written as "room/file.h"'
        elif other != room:
            used[room].add(other)
            if other not in rooms[room]:
                yield file, line, f"'{room}' does not declare '{other}'"
            if len(parts) > 2:
                yield file, line, f'"{match[1]}" lies in a private folder of \'{other}\''


def _doors(file, text, root):
    place = file.relative_to(root).as_posix()
    code = source.bare(text)
    if not (place.startswith("src/io/") and file.suffix == ".cc"):
        for line, _ in source.lines_matching(code, ASIO):
            yield file, line, "Asio is named in src/io/*.cc only"
    for name, pattern in (("clocks", CLOCKS), ("randomness", RANDOMNESS)):
        if DOORS.get(place) != name:
            for line, match in source.lines_matching(code, pattern):
                door = next(path for path, what in DOORS.items() if what == name)
                yield file, line, f"'{match[0].strip()}': {name} are reached through {door} only"


def _cycles(rooms):
    """Each ring of declared dependencies, once."""
    found, done = [], set()

    def visit(room, path):
        if room in path:
            found.append([*path[path.index(room):], room])
        elif room in rooms and room not in done:
            for other in sorted(rooms[room]):
                visit(other, [*path, room])
            done.add(room)
    for room in sorted(rooms):
        visit(room, [])
    return found


if __name__ == "__main__":
    source.main(check)
