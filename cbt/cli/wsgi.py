"""The application as the server's processes load it. Each of them ends with the server that started it."""

import multiprocessing
import os
import signal
import threading
import time

from cbt.app import create_app


def _end_with(parent: int) -> None:
    """A process left alone would hold the port and serve without the keeper."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


if (_server := multiprocessing.parent_process()) and _server.pid:
    threading.Thread(target=_end_with, args=(_server.pid,), daemon=True).start()
app = create_app()
