//! What there is to say of a Postgres.

use tokio_postgres::{Client, Row};

use super::connect::Trouble;
use super::schema::{self, Found};
use super::target::Target;
use crate::storage::diagnosis::{Finding, from_the_future, indices, now};

/// Seconds by which the clock of the database may differ from that of this machine.
const CLOCKS_TOLERANCE: i64 = 5;

/// Looks at a database. Nothing is changed.
pub(crate) async fn examine(target: &Target) -> Vec<Finding> {
    let looked = async {
        let client = target.connect().await?;
        schema::check_server(&client).await?;
        look(&client, target).await
    };
    let mut findings = match looked.await {
        Ok(findings) => findings,
        Err(trouble) => vec![Finding::problem(
            trouble.explain(target).to_string(),
            "nothing else of the database could be looked at",
        )],
    };
    findings.extend(target.unencrypted());
    findings
}

async fn look(client: &Client, target: &Target) -> Result<Vec<Finding>, Trouble> {
    let mut findings = settings(&client.query_one(SETTINGS, &[]).await?, target)?;
    let found = schema::recognise(client).await?;
    schema::check(&found)?;
    if found == Found::Nothing {
        findings.push(Finding::notice(
            "the database is empty",
            "look at --database; if this is a fresh start, `minitwit serve` makes the tables",
        ));
        return Ok(findings);
    }
    findings.extend(bad_indices(client).await?);
    let newest = "SELECT max(pub_date) FROM message WHERE flagged = 0";
    findings.extend(from_the_future(client.query_one(newest, &[]).await?.try_get(0)?, now()));
    Ok(findings)
}

const SETTINGS: &str = "
    SELECT current_setting('fsync'), current_setting('synchronous_commit'),
           current_setting('full_page_writes'), current_setting('is_superuser'),
           current_setting('max_connections')::bigint
               - current_setting('superuser_reserved_connections')::bigint
               - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
           extract(epoch FROM clock_timestamp())::bigint,
           coalesce((SELECT checksum_failures FROM pg_stat_database
                     WHERE datname = current_database()), 0)";

fn settings(row: &Row, target: &Target) -> Result<Vec<Finding>, Trouble> {
    let mut findings = Vec::new();
    for (column, setting) in ["fsync", "synchronous_commit", "full_page_writes"].iter().enumerate()
    {
        let value: &str = row.try_get(column)?;
        if value == "off" {
            findings.push(Finding::problem(
                format!("{setting} is off: what MiniTwit says is stored is lost with the power"),
                format!("set {setting} = on in postgresql.conf"),
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::fine("what the server commits is on disk"));
    }
    let is_superuser: &str = row.try_get(3)?;
    if is_superuser == "on" {
        findings.push(Finding::notice(
            "MiniTwit signs in as a superuser, who may do everything on that server",
            "give it a user of its own that owns the database",
        ));
    }
    let (free, now_there): (i64, i64) = (row.try_get(4)?, row.try_get(5)?);
    // Ours counts among the open ones.
    let wanted = i64::try_from(target.connections()).unwrap_or(i64::MAX) - 1;
    if free < wanted {
        findings.push(Finding::problem(
            format!("the server has {free} connections left, and one more MiniTwit takes {wanted}"),
            "lower --database-connections, end other programs, or raise max_connections",
        ));
    }
    let apart = (now_there - now()).abs();
    if apart > CLOCKS_TOLERANCE {
        findings.push(Finding::problem(
            format!("the clocks of this machine and of the database are {apart} seconds apart"),
            "let both be set by NTP",
        ));
    }
    let failures: i64 = row.try_get(6)?;
    if failures > 0 {
        findings.push(Finding::problem(
            format!("the server has met {failures} pages with wrong checksums: its disk fails"),
            "restore a backup on another disk",
        ));
    }
    Ok(findings)
}

/// Indices that are missing, or that Postgres does not use because making them came to nothing.
async fn bad_indices(client: &Client) -> Result<Vec<Finding>, Trouble> {
    let sql = "SELECT indisvalid FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
               WHERE relname = $1 AND pg_table_is_visible(pg_class.oid)";
    let statement = client.prepare(sql).await?;
    let mut findings = Vec::new();
    for (name, create) in indices(schema::SCHEMA) {
        let row = client.query_opt(&statement, &[&name]).await?;
        let is_valid = row.map(|row| row.try_get::<_, bool>(0)).transpose()?;
        let create = create.replacen("INDEX", "INDEX CONCURRENTLY", 1);
        let (what, how) = match is_valid {
            Some(true) => continue,
            Some(false) => ("is not valid", format!("DROP INDEX {name}; {create};")),
            None => ("is missing", format!("{create};")),
        };
        findings.push(Finding::problem(
            format!("the index {name} {what}: pages get slower with each message"),
            format!("make it anew with psql: {how}"),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::fine("all indices are there"));
    }
    Ok(findings)
}
