#!/usr/bin/env python3
"""Plots hit ratio against the cache's size, as SVG.

    build/release/src/yata_cache_bench --benchmark_filter=hit_ratio --benchmark_format=json |
        bench/plot_hit_ratio.py >docs/operations/hit-ratio.svg
"""

import json
import math
import sys

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 420, 60, 20, 150, 50
LOW, HIGH = 0.005, 1.0  # of the axis of sizes, in shares of all objects
COLOURS = ["#0b6e4f", "#b3541e", "#3d5a98", "#8a3f7a", "#6b6b00", "#444444"]


def curves(report):
    """{trace: [(share of all objects' bytes, share of requests answered)]}"""
    found = {}
    for run in report["benchmarks"]:
        if "size_share" in run and not run.get("error_occurred"):
            found.setdefault(run["name"].split("/")[1], []).append((run["size_share"], run["objects"]))
    return {trace: sorted(points) for trace, points in found.items()}


def x(share):
    return LEFT + (WIDTH - LEFT - RIGHT) * math.log(share / LOW) / math.log(HIGH / LOW)


def y(ratio):
    return TOP + (HIGH - ratio) * (HEIGHT - TOP - BOTTOM)


def text(at, what, anchor="middle", colour="#222"):
    return f'<text x="{at[0]:.0f}" y="{at[1]:.0f}" text-anchor="{anchor}" fill="{colour}">{what}</text>'


def axes():
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    for tenth in range(0, 11, 2):
        at = y(tenth / 10)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.0f}" y2="{at:.0f}" stroke="#ddd"/>'
        yield text((LEFT - 8, at + 4), f"{tenth * 10} %", "end")
    for share in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1):
        at = x(share)
        yield f'<line x1="{at:.0f}" x2="{at:.0f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#eee"/>'
        yield text((at, HEIGHT - BOTTOM + 18), f"{share * 100:g} %")
    yield text(((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10), "size of the cache, of all objects together")


def lines(found):
    """The curves, with their names at the right, kept apart."""
    floor = HEIGHT
    for (trace, points), colour in zip(sorted(found.items(), key=lambda item: item[1][-1][1]), COLOURS, strict=False):
        way = " ".join(f"{x(share):.1f},{y(ratio):.1f}" for share, ratio in points)
        yield f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>'
        floor = min(y(points[-1][1]) + 4, floor - 15)
        yield text((x(points[-1][0]) + 6, floor), trace, "start", colour)


def main():
    found = curves(json.load(sys.stdin))
    if not found:
        sys.exit("plot_hit_ratio.py: no trace was replayed")
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
          'font-size="12">\n<title>Share of requests answered from the cache, by its size</title>')
    print("\n".join([*axes(), *lines(found)]))
    print("</svg>")


if __name__ == "__main__":
    main()
