"""Waiting for a real condition, never for a time."""

import time


def until(condition, what, seconds=10.0):
    """Returns the first true value of condition(); fails, saying what was awaited, after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)
