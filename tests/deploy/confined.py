"""Runs a command as systemd's unit would confine it, as far as that goes without systemd.

python -m tests.deploy.confined FILES UMASK SYSCALLS -- COMMAND...

FILES: the limit of open files; UMASK: octal; SYSCALLS: a file with the names of the allowed system calls, one a line;
`-`: all. No new privileges, no memory that is both written and executed (Linux 6.3), and every other call is refused
with EPERM.
"""

import ctypes
import errno
import os
import resource
import sys
from pathlib import Path

PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 38, 65
SCMP_ACT_ALLOW, SCMP_ACT_EPERM = 0x7FFF0000, 0x00050000 | errno.EPERM
LIBSECCOMP = "libseccomp.so.2"


def main(files: str, umask: str, calls: str, *command: str) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(files), int(files)))
    os.umask(int(umask, 8))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    if libc.prctl(PR_SET_MDWE, 1, 0, 0, 0) != 0:
        print("this kernel cannot refuse memory that is both written and executed", file=sys.stderr)
    if calls != "-":
        allow(Path(calls).read_text().split())
    os.execv(command[0], command)


def allow(names: list[str]) -> None:
    """Allows these system calls, in this process and those that it starts."""
    library = ctypes.CDLL(LIBSECCOMP)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(SCMP_ACT_EPERM))
    for name in names:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # others are those of other architectures
            assert library.seccomp_rule_add(context, SCMP_ACT_ALLOW, number, 0) == 0, name
    assert library.seccomp_load(context) == 0


if __name__ == "__main__":
    end = sys.argv.index("--")
    main(*sys.argv[1:end], *sys.argv[end + 1 :])
