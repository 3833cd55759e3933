#!/usr/bin/env python3
"""Sees each rule of the lints fail on a tiny bad tree, and pass on a good one."""

import tempfile
import unittest
from pathlib import Path

import rooms
import sizes
import words

LAW = "add_room(NAME base)\nadd_room(NAME io DEPS base LIBS OpenSSL::SSL)\nadd_room(NAME http DEPS base io)\n"
GOOD = {
    "src/CMakeLists.txt": LAW,
    "src/base/clock.h": "// time(nullptr) and boost::asio in a comment are words.\n",
    "src/base/system_clock.cc": "auto now() { return std::chrono::system_clock::now(); }\n",
    "src/base/system_random.cc": "void fill() { getrandom(nullptr, 0, 0); }\n",
    "src/io/loop.h": '#include "base/clock.h"\n',
    "src/io/loop.cc": '#include "io/loop.h"\n#include <boost/asio/io_context.hpp>\nboost::asio::io_context c;\n',
    "src/http/h1/codec.h": '#include "base/clock.h"\n#include "io/loop.h"\n',
    "src/http/message.h": '#include "http/h1/codec.h"\nconst char* kText = "system_clock::now";\n'
                          "inline void f(A a) { a.time(0); operand(1); uptime(0); }\n",
}


class LintTest(unittest.TestCase):
    def messages(self, lint, changes, **how):
        """What a lint says about the good tree with some files changed."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in {**GOOD, **changes}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return [f"{path.relative_to(root)}:{line}: {message}"
                    for path, line, message in lint.check(root, **how)]

    def assert_says(self, lint, changes, *expected):
        said = self.messages(lint, changes)
        self.assertEqual(len(said), len(expected), said)
        for text in expected:
            self.assertTrue(any(text in message for message in said), f"{text!r} not in {said}")

    def test_a_good_tree_is_silent(self):
        for lint in (rooms, sizes, words):
            self.assertEqual(self.messages(lint, {}), [])

    def test_an_undeclared_room(self):
        self.assert_says(rooms, {"src/base/bad.cc": '#include "io/loop.h"\n'},
                         "src/base/bad.cc:1: 'base' does not declare 'io'")

    def test_an_undeclared_room_reached_through_another_is_still_undeclared(self):
        law = LAW.replace("http DEPS base io", "http DEPS io")
        self.assert_says(rooms, {"src/CMakeLists.txt": law}, "'http' does not declare 'base'")

    def test_an_unused_room(self):
        self.assert_says(rooms, {"src/io/loop.h": "\n"}, "'io' declares 'base' and never includes it")

    def test_a_cycle(self):
        law = LAW.replace("NAME base", "NAME base DEPS http")
        said = self.messages(rooms, {"src/CMakeLists.txt": law, "src/base/x.h": '#include "http/message.h"\n'})
        self.assertIn("src/CMakeLists.txt:1: cycle: base -> http -> base", said)

    def test_a_private_folder(self):
        law = LAW + "add_room(NAME s3 DEPS http)\n"
        self.assert_says(rooms, {"src/CMakeLists.txt": law, "src/s3/a.cc": '\n#include "http/h1/codec.h"\n'},
                         "src/s3/a.cc:2: \"http/h1/codec.h\" lies in a private folder of 'http'")

    def test_an_include_without_its_room(self):
        self.assert_says(rooms, {"src/io/x.cc": '#include "loop.h"\n'}, 'is not written as "room/file.h"')
        self.assert_says(rooms, {"src/io/x.cc": '#include "../base/clock.h"\n'}, 'is not written as "room/file.h"')

    def test_a_room_that_nobody_declared(self):
        self.assert_says(rooms, {"src/attic/x.cc": "\n"}, "'attic' is not declared")

    def test_asio_outside_its_files(self):
        said = "Asio is named in src/io/*.cc only"
        self.assert_says(rooms, {"src/io/bad.h": "boost::asio::ip::tcp::socket s;\n"}, f"src/io/bad.h:1: {said}")
        self.assert_says(rooms, {"src/http/bad.cc": "#include <boost/asio.hpp>\n"}, f"src/http/bad.cc:1: {said}")
        self.assert_says(rooms, {"src/http/bad.cc": "asio::buffer b;\n"}, said)

    def test_clocks_outside_their_file(self):
        for code in ("std::chrono::steady_clock::now()", "system_clock::now()", "high_resolution_clock::now()",
                     "clock_gettime(CLOCK_REALTIME, &t)", "gettimeofday(&t, 0)", "time(nullptr)", "std::time(p)"):
            self.assert_says(rooms, {"src/io/bad.cc": f"auto t = {code};\n"},
                             "clocks are reached through src/base/system_clock.cc only")

    def test_randomness_outside_its_file(self):
        for code in ("std::random_device d", "getrandom(p, 1, 0)", "rand()", "std::mt19937_64 g",
                     "RAND_bytes(p, 1)", "std::default_random_engine e"):
            self.assert_says(rooms, {"src/io/bad.cc": f"void f() {{ {code}; }}\n"},
                             "randomness are reached through src/base/system_random.cc only")

    def test_the_door_of_one_is_not_the_door_of_the_other(self):
        self.assert_says(rooms, {"src/base/system_clock.cc": "auto r = rand();\n"}, "system_random.cc only")

    def test_a_long_file(self):
        self.assert_says(sizes, {"src/io/long.cc": "\n" * 751}, "751 lines")
        self.assert_says(sizes, {"src/io/long.h": "\n" * 376}, "376 lines")
        self.assert_says(sizes, {"src/io/long_test.cc": "\n" * 1201}, "1201 lines")
        self.assertEqual(self.messages(sizes, {"src/io/long.cc": "\n" * 501}), [])
        self.assertEqual(len(self.messages(sizes, {"src/io/long.cc": "\n" * 501}, look=True)), 1)

    def test_a_wide_line(self):
        self.assert_says(sizes, {"src/io/wide.cc": "//" + "x" * 99 + "\n"}, "wide.cc:1: 101 columns")

    def test_a_long_function(self):
        body = "".join(f"  g({n});\n" for n in range(95))
        for head in ("void f(int a) {\n", "Result<int> A::f(std::map<int, int> a)\n    const {\n",
                     "Task<void> f(\n    int a,\n    int b) {\n"):
            said = self.messages(sizes, {"src/io/f.cc": head + body + "}\n"})
            self.assertEqual(len(said), 1, (head, said))
            self.assertIn("a function of 9", said[0])
        inside = "class A {\n  void f() {\n" + body.replace("  g", "    g") + "  }\n};\n"
        self.assert_says(sizes, {"src/io/a.h": inside}, "a.h:2: a function of 97 lines")

    def test_many_parameters(self):
        many = ", ".join(f"std::pair<int, int> a{n}" for n in range(10))
        head = f"void f(\n    {many[:90]}\n    {many[90:180]}\n    {many[180:]}) {{\n"
        self.assert_says(sizes, {"src/io/f.cc": head + "}\n"}, "10 parameters")

    def test_words(self):
        self.assert_says(words, {"src/io/a.cc": "// TODO: later\n"}, "a.cc:1: 'TODO'")
        self.assert_says(words, {"src/io/a.cc": "// FIXME\n"}, "FIXME")
        self.assert_says(words, {"docs/a.md": "see /home/" + "somebody/x\n"}, "a path of somebody's machine")
        self.assert_says(words, {"src/io/a.cc": "struct LoopManager {};\n"}, "says nothing")
        self.assert_says(words, {"src/io/string_utils.h": "\n"}, "'string_utils.h' says nothing: utils")
        self.assert_says(words, {"src/common/a.txt": "\n"}, "'common' says nothing")
        self.assertEqual(self.messages(words, {"src/io/a.cc": "// TODO(#12): with its issue\n"}), [])


if __name__ == "__main__":
    unittest.main(verbosity=0)
