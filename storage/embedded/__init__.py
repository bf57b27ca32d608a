"""The embedded PostgreSQL: a whole server below the data folder, for machines that have none.

Its users share it: each holds a lock that the kernel takes back when the user's process ends, however it
ends, and whoever lets go last stops the server. So a command beside a running `lvd up` needs no agreement
with it, and after a `kill -9` the next start finds the server still running, or recovers it.
"""

from storage.embedded.errors import EmbeddedPostgresError, NotRunning
from storage.embedded.server import EmbeddedPostgres, running

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "NotRunning", "running"]
