"""What a script did with which file: the table at its end."""

import fnmatch


class Report:
    """Notes what was run, and with what outcome."""

    def __init__(self):
        self.rows = []

    def ran(self, files, what, failed=None):
        """Something was run on files; `failed` says what was wrong."""
        for file in [files] if isinstance(files, str) else files:
            self.rows.append((file, "FAILED" if failed else "ran", what))
        print(f"-- {what}: {'FAILED' if failed else 'ok'}", flush=True)
        if failed:
            print(failed, flush=True)

    def could_not(self, files, what):
        """Something that cannot be run here."""
        for file in [files] if isinstance(files, str) else files:
            self.rows.append((file, "not run", what))

    def knows(self, file):
        """Whether anything is noted about a file, by its name or a pattern."""
        return any(fnmatch.fnmatch(file, noted) for noted, _, _ in self.rows)

    def failed(self):
        """Whether anything went wrong."""
        return any(outcome == "FAILED" for _, outcome, _ in self.rows)

    def tell(self):
        """Prints the table, file by file."""
        width = max((len(file) for file, _, _ in self.rows), default=0)
        print()
        last = None
        for file, outcome, what in sorted(self.rows, key=lambda row: row[0]):
            print(f"{'' if file == last else file:<{width}}  {outcome:<7}  {what}")
            last = file
