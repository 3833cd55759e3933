"""Ports for servers that cannot bind port 0 and say which one they got."""

import socket


def free_port(host="127.0.0.1"):
    """A port that is free now. Another process may take it first: who uses it must be ready to try again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def hold_for_other_family(host, port):
    """Keeps a server's port to itself under the name localhost, which may be 127.0.0.1 and ::1: a socket that nobody
    can connect to, on the other of the two. None where there is no other; OSError when somebody has it."""
    other = {"127.0.0.1": "::1", "::1": "127.0.0.1"}.get(host)
    if other is None or (other == "::1" and not has_ipv6()):
        return None
    held = socket.socket(socket.AF_INET6 if ":" in other else socket.AF_INET)
    try:
        held.bind((other, port))
    except OSError:
        held.close()
        raise
    return held


def has_ipv6():
    try:
        free_port("::1")
    except OSError:
        return False
    return True


def localhost_has_both_families():
    families = {entry[0] for entry in socket.getaddrinfo("localhost", 80)}
    return {socket.AF_INET, socket.AF_INET6} <= families


def accepts(host, port):
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
