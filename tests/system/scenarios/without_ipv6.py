"""Runs a program on a kernel without IPv6, as `ipv6.disable=1` makes it: no socket of that family.

A seccomp filter answers in the kernel's place, for this process and whatever it becomes:
`python without_ipv6.py PROGRAM ARGUMENT...`. Nothing but the standard library is imported.
"""

import ctypes
import errno
import os
import platform
import socket
import struct
import sys
from collections.abc import Mapping
from typing import Final

SOCKET: Final[Mapping[str, int]] = {"x86_64": 41, "aarch64": 198}
"""Number of the system call, by machine."""

NO_NEW_PRIVILEGES: Final = 38  # PR_SET_NO_NEW_PRIVS
SET_SECCOMP: Final = 22  # PR_SET_SECCOMP
FILTER_MODE: Final = 2  # SECCOMP_MODE_FILTER
LOAD, IF_EQUAL, ANSWER = 0x20, 0x15, 0x06  # BPF: word at an offset; jump; return
NUMBER_AT, FIRST_ARGUMENT_AT = 0, 16  # in struct seccomp_data, on a little-endian machine
ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | errno.EAFNOSUPPORT


class Program(ctypes.Structure):
    """What the kernel takes: `struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def instruction(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    """Write one instruction; the jumps are counted from the next one."""
    return struct.pack("=HBBI", code, if_so, if_not, value)


def refuse_ipv6() -> None:
    """Have the kernel refuse sockets of IPv6 from now on.

    Raises:
        OSError: It cannot.
    """
    steps = (
        instruction(LOAD, NUMBER_AT),
        instruction(IF_EQUAL, SOCKET[platform.machine()], 0, 3),
        instruction(LOAD, FIRST_ARGUMENT_AT),
        instruction(IF_EQUAL, socket.AF_INET6, 0, 1),
        instruction(ANSWER, REFUSE),
        instruction(ANSWER, ALLOW),
    )
    written = ctypes.create_string_buffer(b"".join(steps))
    program = Program(len(steps), ctypes.addressof(written))
    system = ctypes.CDLL(None, use_errno=True)
    refused = system.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    refused = refused or system.prctl(SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0)
    if refused:
        raise OSError(ctypes.get_errno(), "this kernel takes no seccomp filter")


if __name__ == "__main__":
    refuse_ipv6()
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the caller names the program, no shell
