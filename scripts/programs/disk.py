"""A disk that can be lost."""

import os
import shutil
import subprocess


class Disk:
    """A tmpfs at a path; a folder for who may not mount one. Use it as a context."""

    SIZE = "size=256m"

    def __init__(self, path):
        self.path = path
        self.is_mounted = False

    def __enter__(self):
        self.path.mkdir()
        self.replace()
        return self

    def __exit__(self, *_):
        self.lose()
        self.path.rmdir()

    def replace(self):
        """Puts an empty disk there."""
        if os.geteuid() == 0:
            subprocess.run(["mount", "-t", "tmpfs", "-o", self.SIZE, "tmpfs", str(self.path)],
                           check=True)
            self.is_mounted = True

    def lose(self):
        """Takes it away, whoever uses it, with all that is on it."""
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", str(self.path)], check=True)
            self.is_mounted = False
        elif os.geteuid() != 0:
            shutil.rmtree(self.path)
            self.path.mkdir()
