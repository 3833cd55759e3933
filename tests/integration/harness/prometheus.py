"""A strict reader of Prometheus's text format 0.0.4: what a lenient one passes over is a failure here."""

import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)')
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


class Metrics:
    """Families {name: type}, series {(name, labels): value}; labels are a sorted tuple of pairs."""

    def __init__(self, text):
        assert text.endswith("\n"), "the last line has no end"
        self.types, self.help, self.series = {}, {}, {}
        self.closed, self.current = set(), None
        for number, line in enumerate(text.split("\n")[:-1], 1):
            try:
                self._line(line)
            except AssertionError as error:
                raise AssertionError(f"line {number}: {line!r}: {error}") from None
        self._check_histograms()

    def value(self, name, **labels):
        """The sum of all series of a name that carry these labels; 0 without any."""
        wanted = set(labels.items())
        return sum(value for (series, pairs), value in self.series.items() if series == name and wanted <= set(pairs))

    def names(self):
        return set(self.types)

    def _line(self, line):
        assert line, "an empty line"
        if line.startswith("# HELP "):
            name, _, text = line[7:].partition(" ")
            assert name not in self.help, "HELP twice"
            assert text, "HELP says nothing"
            self.help[name] = text
            self._enter(name)
        elif line.startswith("# TYPE "):
            name, _, kind = line[7:].partition(" ")
            assert kind in TYPES, "an unknown type"
            assert name not in self.types, "TYPE twice"
            assert not any(self._family(series) == name for series, _ in self.series), "TYPE after its samples"
            self.types[name] = kind
            self._enter(name)
        else:
            assert not line.startswith("#"), "a comment"
            self._sample(line)

    def _enter(self, family):
        """The lines of a family stand together."""
        if family != self.current:
            assert family not in self.closed, "its family was left before"
            self.closed.add(self.current)
            self.current = family

    def _sample(self, line):
        match = SAMPLE.match(line)
        assert match, "no sample"
        name, inner, number = match.groups()
        family = self._family(name)
        assert family in self.types, "no TYPE before"
        assert family in self.help, "no HELP before"
        self._enter(family)
        labels = LABEL.findall(inner or "")
        assert "".join(f'{key}="{value}",' for key, value in labels).rstrip(",") == (inner or ""), "labels"
        assert len({key for key, _ in labels}) == len(labels), "a label twice"
        key = (name, tuple(sorted(labels)))
        assert key not in self.series, "a series twice"
        self.series[key] = float(number)
        if self.types[family] == "counter":
            assert self.series[key] >= 0, "a negative counter"
            assert name.endswith("_total"), "a counter's name ends with _total"

    def _family(self, name):
        for suffix in ("_bucket", "_sum", "_count"):
            if name.endswith(suffix) and self.types.get(name.removesuffix(suffix)) == "histogram":
                return name.removesuffix(suffix)
        return name

    def _check_histograms(self):
        for family in (name for name, kind in self.types.items() if kind == "histogram"):
            groups = {}
            for (name, labels), value in self.series.items():
                if name == f"{family}_bucket":
                    rest = tuple(pair for pair in labels if pair[0] != "le")
                    groups.setdefault(rest, []).append((float(dict(labels)["le"]), value))
            for rest, buckets in groups.items():
                bounds = [bound for bound, _ in buckets]
                counts = [count for _, count in buckets]
                assert bounds == sorted(bounds) and bounds[-1] == math.inf, f"{family}{rest}: {bounds}"
                assert counts == sorted(counts), f"{family}{rest} is not cumulative: {counts}"
                assert self.series[(f"{family}_count", rest)] == counts[-1], f"{family}{rest}: count"
                assert self.series[(f"{family}_sum", rest)] >= 0, f"{family}{rest}: sum"
