"""Releases to upgrade to: a next one with a further schema version, and some that do not work."""

import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile

from machine import ROOT

BUILT = ROOT / "target/release/minitwit"
SCHEMA = "src/storage/sqlite/schema/mod.rs"
SOURCES = [".cargo", "Cargo.toml", "Cargo.lock", "schema.sql", "src", "static", "scripts", "tests"]

# What the next release adds. Additions only: the release before goes on serving meanwhile.
STEP = """
fn further(tx: &Transaction<'_>, _: &Path, upgrade: &mut Upgrade) -> Result<(), Trouble> {
    tx.execute_batch(
        "ALTER TABLE adoption_note ADD COLUMN further TEXT NOT NULL DEFAULT '';
         CREATE TABLE further (further_id INTEGER PRIMARY KEY, what TEXT NOT NULL);
         CREATE INDEX user_by_further ON user (email);",
    )?;
    upgrade.report.push("went one schema version further".to_owned());
    Ok(())
}
"""

# What makes the file again what the release before has left.
UNDONE = """
    BEGIN IMMEDIATE;
    DROP INDEX user_by_further;
    DROP TABLE further;
    ALTER TABLE adoption_note DROP COLUMN further;
    PRAGMA user_version = {version};
    COMMIT;
"""


def next_release(folder, built=None, keep=None):
    """Builds this source with one more schema version, unless that is built; returns the binary
    and that version. `keep` is where to keep it. This source itself has to be built before."""
    version = steps_in(ROOT / SCHEMA)[1] + 1
    if built:
        return built, version
    binary = keep or pathlib.Path(folder, "minitwit-next")
    with tempfile.TemporaryDirectory(prefix="minitwit-next.") as copy:
        for name in SOURCES:
            put = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            put(ROOT / name, pathlib.Path(copy, name))
        add_step(pathlib.Path(copy, SCHEMA))
        # The other binary would take the place of this one: it is put aside meanwhile.
        aside = BUILT.rename(pathlib.Path(BUILT.parent, "minitwit-aside"))
        try:
            subprocess.run(["cargo", "build", "--release", "--locked", "--bin", "minitwit",
                            "--target-dir", ROOT / "target"], cwd=copy, check=True)
            shutil.copy2(BUILT, binary)
        finally:
            aside.replace(BUILT)
    return binary, version


def steps_in(schema):
    """The text, the number and the names of the steps that lead from version to version."""
    text = schema.read_text(encoding="utf-8")
    found = re.search(r"const STEPS: \[Step; (\d+)\] =\s*\[(.*?),?\s*\];", text, re.S)
    return found[0], int(found[1]), found[2]


def add_step(schema):
    """Adds a step to the list."""
    before, count, names = steps_in(schema)
    after = f"const STEPS: [Step; {count + 1}] = [{names}, further];"
    text = schema.read_text(encoding="utf-8").replace(before, after)
    schema.write_text(text + STEP, encoding="utf-8")


def undo_step(database, version):
    """Makes a file of that version one of the version before, as another process beside those
    that serve it."""
    with sqlite3.connect(database, timeout=10, isolation_level=None) as db:
        db.executescript(UNDONE.format(version=version - 1))
    db.close()


def version_of(database):
    """The schema version of the file."""
    db = sqlite3.connect(database, timeout=10)
    version = db.execute("PRAGMA user_version").fetchone()[0]
    db.close()
    return version


def place(release, program):
    """Puts a release where the program lies, at one stroke, as scripts/upgrade does."""
    new = program.with_suffix(".new")
    if isinstance(release, str):
        new.write_text(release, encoding="utf-8")
        new.chmod(0o755)
    else:
        shutil.copy2(release, new)
    new.rename(program)


def fill(database, users=10_000, messages=1_000_000):
    """Fills a database that `minitwit init-db` has made: 136 MB with a million messages."""
    db = sqlite3.connect(database)
    db.executemany("INSERT INTO user (username, email, pw_hash) VALUES (?, ?, '-')",
                   ((f"user {n}", f"user{n}@example.com") for n in range(users)))
    db.executemany("INSERT INTO message (author_id, text, pub_date) VALUES (?, ?, ?)",
                   ((n * 7919 % users + 1, f"message number {n} of somebody or other, in a "
                     "length that people use", 1_600_000_000 + n) for n in range(messages)))
    db.commit()
    db.close()


def messages_of(database, name):
    """The texts a user has posted."""
    db = sqlite3.connect(database, timeout=10)
    rows = db.execute("SELECT text FROM message JOIN user ON user_id = author_id "
                      "WHERE username = ?", [name]).fetchall()
    db.close()
    return [text for (text,) in rows]
