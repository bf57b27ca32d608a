"""The process's heap: large blocks are the system's own, however many were freed before."""

import subprocess
import sys

import pytest

#: Frees a block of 20 MB, by which glibc learns that such blocks come and go; tells whether the next one, of
#: 2 MB, is a mapping of its own all the same.
_SCRIPT = """
import ctypes, sys
from ingest_server.main import keep_heap_compact

libc = ctypes.CDLL(None)
if not hasattr(libc, "mallinfo2"):
    sys.exit("no mallinfo2")

class Mallinfo2(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

libc.mallinfo2.restype = Mallinfo2
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
if sys.argv[1] == "compact":
    keep_heap_compact()
libc.free(libc.malloc(20_000_000))
before = libc.mallinfo2().hblks
libc.malloc(2_000_000)
print(libc.mallinfo2().hblks - before)
"""


def mappings(way: str) -> int:
    done = subprocess.run([sys.executable, "-c", _SCRIPT, way], capture_output=True, text=True, check=False)
    if "no mallinfo2" in done.stderr:
        pytest.skip("the system's allocator is not glibc's 2.33 or newer")
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_large_blocks_are_mappings_of_their_own_also_behind_larger_ones() -> None:
    assert mappings("compact") == 1
    assert mappings("as it is") == 0, "the allocator learns nothing by itself: this test says nothing"
