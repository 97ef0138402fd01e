//! `minitwit doctor`

use std::net::SocketAddr;

use actix_web::rt::System;
use clap::{ArgMatches, Args, Command};
use ipnet::IpNet;

use super::serve::Serve;
use super::settings::{Setting, settings, table};
use super::{Stop, bad_flag, secret};
use crate::doctor::{Entry, Subject, examine_all, problems};
use crate::storage::Database;
#[cfg(feature = "sqlite")]
use crate::storage::diagnosis::Finding;
use crate::storage::diagnosis::Level;

/// Say whether all is well and, if not, what to do; takes the flags and variables of `serve`.
///
/// Looks at the settings and where they came from, the database, its disk and permissions, the
/// clock, credentials, limits and the public address; changes nothing, and may be run beside a
/// server. Exit status: 0 all is well; 1 problems were found; 2 a mistake in the flags.
#[derive(Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    serve: Serve,

    /// Where people find the page: whether they do is tried
    #[arg(long, env = "MINITWIT_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,

    /// Say it as JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// `command` and `matches` are those of this subcommand.
    pub(super) fn run(&self, command: &Command, matches: &ArgMatches) -> Result<(), Stop> {
        super::start_log();
        let database = self.serve.database.parse()?;
        #[cfg(feature = "postgres")]
        let database = self.serve.connections.apply(database);
        let auth = matches.get_one::<String>("simulator_auth");
        let auth = auth.map(|text| secret::value("--simulator-auth", text)).transpose()?;
        if auth.as_ref().is_some_and(|auth| !auth.contains(':')) {
            return Err(bad_flag("--simulator-auth", "it has to be USER:PASSWORD"));
        }
        if let Some(url) = &self.public_url
            && !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme))
        {
            return Err(bad_flag("--public-url", "it has to begin with http:// or https://"));
        }
        let unspecified = SocketAddr::from(([0, 0, 0, 0], 0));
        let subject = Subject {
            database: &database,
            listen: matches.get_one("listen").copied().unwrap_or(unspecified),
            behind_proxy: matches.get_many::<IpNet>("trusted_proxy").is_some(),
            simulator_auth: auth.as_deref(),
            public_url: self.public_url.as_deref(),
        };
        // A damaged file is read to its end: beside a server, not before it.
        let _ = rustix::process::nice(19);
        let mut entries = System::new().block_on(examine_all(&subject));
        entries.extend(container(&database));
        let reveal = |id: &str| (id == "database").then(|| database.to_string());
        self.tell(&settings(command, matches, reveal), &entries)?;
        match problems(&entries) {
            0 => Ok(()),
            1 => Err(Stop::Failure("1 problem was found".into())),
            found => Err(Stop::Failure(format!("{found} problems were found"))),
        }
    }

    fn tell(&self, settings: &[Setting], entries: &[Entry]) -> Result<(), Stop> {
        if !self.json {
            print!("settings\n{}{}", table(settings), text(entries));
            if problems(entries) == 0 {
                println!("\nall is well");
            }
            return Ok(());
        }
        let all = serde_json::json!({
            "settings": settings,
            "findings": entries,
            "problems": problems(entries),
        });
        println!("{all}");
        Ok(())
    }
}

#[cfg(feature = "sqlite")]
fn container(database: &Database) -> Option<Entry> {
    let finding = Finding::notice(
        "the database is inside the container and will be gone with it",
        "keep it on a volume",
    );
    super::layer::is_lost_with_container(database).then_some(Entry { area: "disk", finding })
}

#[cfg(not(feature = "sqlite"))]
fn container(_: &Database) -> Option<Entry> {
    None
}

/// The findings under their headings.
fn text(entries: &[Entry]) -> String {
    let mut text = String::new();
    let mut heading = "";
    for Entry { area, finding } in entries {
        if *area != heading {
            heading = area;
            text += &format!("\n{area}\n");
        }
        let level = match finding.level {
            Level::Fine => "fine   ",
            Level::Notice => "notice ",
            Level::Problem => "PROBLEM",
        };
        text += &format!("  {level}  {}\n", finding.text);
        if let Some(advice) = &finding.advice {
            text += &format!("           what to do: {advice}\n");
        }
    }
    text
}
