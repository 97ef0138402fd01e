//! What there is to say of a file.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::backup::megabytes;
use super::place::beside;
use super::schema::{self, Found, Trouble};
use super::{last_backup, seal};
use crate::storage::diagnosis::{Finding, from_the_future, indices, now};

/// A write-ahead log beyond this is not being folded in.
const LARGE_LOG: u64 = 256 * 1024 * 1024;

/// What keeps timelines from being asked for in vain: see [`schema::SCHEMA`].
const WITHOUT_INDEX: &str = "the pages that need it get slower with each message";

/// Hours after which a backup is worth a word, and days after which it is a problem.
const OLD_HOURS: u64 = 26;
const STALE_DAYS: u64 = 7;

/// Looks at a file, which may be served meanwhile. Nothing is changed.
pub(crate) fn examine(path: &Path) -> Vec<Finding> {
    if !path.exists() {
        let path = path.display();
        return vec![Finding::problem(
            format!("there is no database {path}"),
            "look at --database; if this is a fresh start, `minitwit serve` makes it",
        )];
    }
    match look(path) {
        Ok(findings) => findings,
        Err(trouble) => vec![Finding::problem(
            trouble.explain(path).to_string(),
            "nothing else of the database could be looked at",
        )],
    }
}

fn look(path: &Path) -> Result<Vec<Finding>, Trouble> {
    let (db, found, file) = schema::look(path)?;
    let tx = db.unchecked_transaction()?;
    let mut findings = integrity(&tx)?;
    if found == Found::Version(0) {
        findings.push(Finding::notice(
            format!("{} is a database of the original program", file.display()),
            "`minitwit serve` or `init-db` adopts it; that takes two and a half times its size",
        ));
        return Ok(findings);
    }
    if let Some(seal) = seal::read(&tx)? {
        findings.push(Finding::problem(
            format!("its data has moved to {}", seal.target),
            "give that database instead: --database, DATABASE_URL",
        ));
    }
    findings.extend(references(&tx)?);
    findings.extend(missing_indices(&tx)?);
    findings.extend(from_the_future(newest(&tx)?, now()));
    findings.extend(log(&file));
    findings.push(backup(&file));
    Ok(findings)
}

/// Reads every page and compares every index with its table.
fn integrity(db: &Connection) -> Result<Vec<Finding>, Trouble> {
    let mut check = db.prepare("PRAGMA integrity_check(10)")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?;
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    Ok(match lines.first().map(String::as_str) {
        Some("ok") => vec![Finding::fine("every page, row and index is as it should be")],
        _ => vec![Finding::problem(
            format!("the database is damaged: {}", lines.join("; ").replace('\n', " ")),
            "stop the server and restore a backup (minitwit restore), or save what can be read \
             with the sqlite3 shell's .recover; then look at the health of the disk",
        )],
    })
}

/// Rows about people who are not there.
fn references(db: &Connection) -> Result<Option<Finding>, Trouble> {
    let sql = "SELECT count(*), min(\"table\") FROM pragma_foreign_key_check";
    let (rows, table): (i64, Option<String>) =
        db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(table.map(|table| {
        Finding::problem(
            format!("{rows} rows, as in the table {table}, are about users who are not there"),
            "another program has deleted users without what was theirs: see them with the sqlite3 \
             shell's PRAGMA foreign_key_check, and delete them",
        )
    }))
}

fn missing_indices(db: &Connection) -> Result<Vec<Finding>, Trouble> {
    let mut is_there =
        db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1")?;
    let mut findings = Vec::new();
    for (name, sql) in indices(schema::SCHEMA) {
        if !is_there.exists([name])? {
            findings.push(Finding::problem(
                format!("the index {name} is missing: {WITHOUT_INDEX}"),
                format!("make it with the sqlite3 shell: {sql};"),
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::fine("all indices are there"));
    }
    Ok(findings)
}

fn newest(db: &Connection) -> rusqlite::Result<Option<i64>> {
    db.query_row("SELECT max(pub_date) FROM message WHERE flagged = 0", [], |row| row.get(0))
}

fn log(file: &Path) -> Option<Finding> {
    let bytes = fs::metadata(beside(file, "-wal")).map_or(0, |log| log.len());
    (bytes > LARGE_LOG).then(|| {
        Finding::problem(
            format!("the write-ahead log has grown to {}", megabytes(bytes)),
            "some process reads in a transaction that it does not end, so that the log cannot \
             start over: find it (lsof or fuser on the file) and end it",
        )
    })
}

fn backup(file: &Path) -> Finding {
    const ADVICE: &str = "run `minitwit backup` from cron, or Litestream: docs/backup.md has both";
    let Some(of) = last_backup::time(file) else {
        return Finding::notice("no backup has been made with `minitwit backup`", ADVICE);
    };
    let hours = of.elapsed().unwrap_or_default().as_secs() / 3600;
    if hours >= STALE_DAYS * 24 {
        return Finding::problem(format!("the last backup is {} days old", hours / 24), ADVICE);
    }
    if hours >= OLD_HOURS {
        return Finding::notice(format!("the last backup is {hours} hours old"), ADVICE);
    }
    Finding::fine(format!("the last backup is {hours} hours old"))
}
