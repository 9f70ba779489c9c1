"""Give up every right that a student's kernel does not need, then become that kernel.

Runs before any student code: ``python -I confine.py POLICY COMMAND...``, where POLICY is JSON as
``autograder.sandbox`` writes it. Any step that fails ends the process, so that nothing ever runs
less confined than was asked.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import json
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG, PR_CAPBSET_DROP = 1, 24
CLONE_THREAD = 0x00010000
# Commands that send signals on somebody's behalf, hold up others who open a file, or type.
FCNTL_FORBIDDEN = (8, 10, 15, 1024, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY
IOCTL_FORBIDDEN = (0x5412, 0x8901, 0x8902)  # TIOCSTI, FIOSETOWN, SIOCSPGRP
# setxattrat, removexattrat and file_setattr, newer than the names that libseccomp knows.
FORBIDDEN_NUMBERS = (463, 466, 469)
AF_UNIX, SOCK_STREAM, SOCK_TYPE_MASK = 1, 1, 0xF

# Calls that reach other processes, the host, or the network around the socket rules.
FORBIDDEN = """
    fork vfork ptrace process_vm_readv process_vm_writev process_madvise kcmp
    pidfd_open pidfd_getfd pidfd_send_signal tkill rt_sigqueueinfo rt_tgsigqueueinfo
    connect
    mount umount2 pivot_root chroot unshare setns fsopen fsmount fsconfig fspick move_mount
    open_tree mount_setattr swapon swapoff reboot sethostname setdomainname init_module
    finit_module delete_module kexec_load kexec_file_load bpf perf_event_open userfaultfd
    io_uring_setup io_uring_enter io_uring_register keyctl add_key request_key syslog acct
    quotactl quotactl_fd settimeofday clock_settime adjtimex clock_adjtime iopl ioperm
    name_to_handle_at open_by_handle_at fanotify_init personality modify_ldt
    shmget shmat shmctl semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
    memfd_create memfd_secret mq_open mq_unlink setpriority ioprio_set
    migrate_pages move_pages setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
""".split()
# Landlock does not cover these, and libraries call them on their own files: they do nothing.
PRETENDED = """
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat
    utime utimes futimesat utimensat
""".split()


def limit(limits: dict[str, int]) -> None:
    """Set resource limits by name; none can be raised again."""
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(number)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(number, (value, value))


def die_with_parent() -> None:
    """Have the system kill this process when the grader is gone."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot follow the parent's death")


def drop_capabilities() -> None:
    """Empty the bounding set, so that root has no privilege after the next exec."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            if ctypes.get_errno() == errno.EINVAL:  # past the last one that this kernel has
                return
            if os.geteuid() == 0:
                raise OSError(ctypes.get_errno(), "cannot drop capabilities")
            return  # an ordinary user has none to drop


def landlock(read: list[str], list_only: list[str], write: list[str]) -> None:
    """Leave only the named files and folders; everything else cannot be opened."""
    from landlock import FSAccess, Ruleset

    ctypes.set_errno(0)  # the package takes an error left over from an earlier call for its own
    reading = FSAccess.READ_FILE | FSAccess.EXECUTE
    device = FSAccess.MAKE_CHAR | FSAccess.MAKE_BLOCK
    if FSAccess.IOCTL_DEV in FSAccess.all_file():
        device |= FSAccess.IOCTL_DEV
    rules = Ruleset()
    for path in read:
        if os.path.isdir(path):
            rules.allow(path, rules=reading | FSAccess.READ_DIR)
        elif os.path.exists(path):
            rules.allow(path, rules=reading)
    for path in list_only:
        rules.allow(path, rules=FSAccess.READ_DIR)
    for path in write:
        if os.path.isdir(path):
            rules.allow(path, rules=FSAccess.all() & ~(device | FSAccess.EXECUTE))
        elif os.path.exists(path):
            rules.allow(path, rules=FSAccess.READ_FILE | FSAccess.WRITE_FILE)
    rules.apply()


def seccomp(truncate: bool) -> None:
    """Forbid new processes, other processes' memory, all but local stream sockets, and more.

    truncate  whether to forbid ``truncate`` too, where Landlock is too old to cover it
    """
    sc = _pyseccomp()
    rules = sc.SyscallFilter(sc.ALLOW)
    for name in [*FORBIDDEN, "truncate"] if truncate else FORBIDDEN:
        _rule(sc, rules, sc.ERRNO(errno.EPERM), name)
    for name in PRETENDED:
        _rule(sc, rules, sc.ERRNO(0), name)
    # clone3 keeps its flags in memory, where a filter cannot look; libc falls back to clone.
    _rule(sc, rules, sc.ERRNO(errno.ENOSYS), "clone3")
    deny = sc.ERRNO(errno.EPERM)
    rules.add_rule(deny, "clone", sc.Arg(0, sc.MASKED_EQ, CLONE_THREAD, 0))
    for call in ("socket", "socketpair"):
        rules.add_rule(deny, call, sc.Arg(0, sc.NE, AF_UNIX))
        for kind in set(range(SOCK_TYPE_MASK + 1)) - {SOCK_STREAM}:
            rules.add_rule(deny, call, sc.Arg(1, sc.MASKED_EQ, SOCK_TYPE_MASK, kind))
    rules.add_rule(deny, "prctl", sc.Arg(0, sc.EQ, PR_SET_PDEATHSIG))
    rules.add_rule(deny, "kill", sc.Arg(0, sc.NE, os.getpid()))
    rules.add_rule(deny, "tgkill", sc.Arg(0, sc.NE, os.getpid()))
    rules.add_rule(deny, "prlimit64", sc.Arg(0, sc.NE, 0))
    for command in FCNTL_FORBIDDEN:
        rules.add_rule(deny, "fcntl", sc.Arg(1, sc.MASKED_EQ, 0xFFFFFFFF, command))
    for command in IOCTL_FORBIDDEN:
        rules.add_rule(deny, "ioctl", sc.Arg(1, sc.MASKED_EQ, 0xFFFFFFFF, command))
    for number in FORBIDDEN_NUMBERS:
        rules.add_rule(deny, number)
    rules.load()


def _pyseccomp():
    """Import pyseccomp without the programs that its search for the library would start."""
    find = ctypes.util.find_library
    ctypes.util.find_library = {"c": "libc.so.6", "seccomp": "libseccomp.so.2"}.get
    try:
        import pyseccomp
    finally:
        ctypes.util.find_library = find
    return pyseccomp


def _rule(sc, rules, action: int, name: str) -> None:
    try:
        sc.resolve_syscall(sc.Arch.NATIVE, name)
    except (ValueError, OSError):
        return  # this system's libseccomp or processor has no such call
    rules.add_rule(action, name)


def main() -> None:
    policy, command = json.loads(sys.argv[1]), sys.argv[2:]
    limit(policy["limits"])
    die_with_parent()
    drop_capabilities()
    if "landlock" in policy["layers"]:
        landlock(policy["read"], policy["list"], policy["write"])
    if "seccomp" in policy["layers"]:
        seccomp(policy["truncate"])
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
