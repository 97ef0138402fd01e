"""Servers that take over from each other."""

import ctypes
import os
import re
import signal

from machine import eventually

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """From now on whoever has taken over is left to us when the one before it ends."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def ended_well(process):
    """Waits for the end of a child, or of a child's child that was left to us."""
    _, status = os.waitpid(process, 0)
    if status != 0:
        raise SystemExit(f"process {process} ended with status {status}")


def hand_over(process, log):
    """Lets the program that now lies where the server's own lay take over; returns the process of
    that one, once the other has ended. None if the server goes on."""
    before = len(log.read_bytes())

    def said():
        return log.read_bytes()[before:].decode(errors="replace")

    os.kill(process, signal.SIGUSR2)
    # A server itself gives up on the other one after a minute.
    eventually("a hand-over", lambda: re.search("has taken over|goes on:", said()), patience=120)
    heir = re.search(r"process (\d+) has taken over", said())
    if not heir:
        return None
    ended_well(process)
    return int(heir[1])
