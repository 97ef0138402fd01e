//! `minitwit simulate`

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;

use super::{Stop, bad_flag};
use crate::simulate::{self, Options, Report, Secret};
use crate::web::PUBLISHED_CREDENTIALS;

/// Drive a server as the course's simulator does, and check that it lost nothing.
#[derive(Args)]
pub(super) struct Simulate {
    /// Where the server is
    #[arg(
        long,
        env = "MINITWIT_SIMULATE_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:5000"
    )]
    url: String,

    /// Credentials of the simulator API [default: the course's published pair]
    // Parsed after clap, whose errors would repeat the password.
    #[arg(
        long,
        env = "MINITWIT_SIMULATOR_AUTH",
        hide_env_values = true,
        value_name = "USER:PASSWORD"
    )]
    simulator_auth: Option<String>,

    /// Replay one of the course's scenario files instead of making up a community
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,

    /// Only register those of the scenario's users whom the server lacks
    #[arg(long, requires = "scenario")]
    missing_only: bool,

    /// Make up the same community again [default: another one each time]
    #[arg(long, value_name = "N", conflicts_with = "scenario")]
    seed: Option<u64>,

    /// How many times faster than recorded, or max
    #[arg(long, value_name = "N|max", default_value = "1")]
    speed: String,

    /// Calls at once; what one person does stays in its order
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    clients: u16,

    /// Use a connection for many calls; the course's simulator opens one for each
    #[arg(long)]
    keep_alive: bool,

    /// When to stop, as 30s, 10m or 2h [default: 1m, or the end of the scenario]
    #[arg(long = "for", value_name = "TIME")]
    time: Option<SignedDuration>,

    /// Try again what failed because the server was away, as the course's simulator does not,
    /// and tell how long it was away
    #[arg(long, requires = "time")]
    soak: bool,

    /// Write the whole report there as JSON; - is stdout
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Write the counts there as CSV; - is stdout
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Simulate {
    pub(super) fn run(&self) -> Result<(), Stop> {
        super::start_log();
        let options = self.options()?;
        match &self.scenario {
            Some(scenario) if self.missing_only => repair(&options, scenario),
            _ => self.drive(&options),
        }
    }

    fn options(&self) -> Result<Options, Stop> {
        let credentials = self.simulator_auth.as_deref().unwrap_or(PUBLISHED_CREDENTIALS);
        if !credentials.contains(':') {
            return Err(bad_flag("--simulator-auth", "it has to be USER:PASSWORD"));
        }
        if !["http://", "https://"].iter().any(|scheme| self.url.starts_with(scheme)) {
            return Err(bad_flag("--url", "it has to begin with http:// or https://"));
        }
        Ok(Options {
            url: self.url.clone(),
            credentials: Secret(credentials.to_owned()),
            scenario: self.scenario.clone(),
            seed: self.seed,
            speed: speed(&self.speed).map_err(|error| bad_flag("--speed", error))?,
            clients: self.clients.into(),
            keep_alive: self.keep_alive,
            time: self.time().map_err(|error| bad_flag("--for", error))?,
            patient: self.soak,
        })
    }

    fn time(&self) -> Result<Option<Duration>, &'static str> {
        let time = self.time.map(Duration::try_from).transpose();
        time.map_err(|_| "a time cannot be below 0")
    }

    fn drive(&self, options: &Options) -> Result<(), Stop> {
        let report = simulate::run(options).map_err(Stop::Failure)?;
        write(self.json.as_deref(), |to| report.write_json(to))?;
        write(self.csv.as_deref(), |to| report.write_csv(to))?;
        self.tell(&report);
        if report.is_flawless(options.patient) {
            Ok(())
        } else {
            Err(Stop::Failure("something went wrong, see above".into()))
        }
    }

    /// Shows people the table, unless stdout is a machine's.
    fn tell(&self, report: &Report) {
        let stdout = Path::new("-");
        if [&self.json, &self.csv].into_iter().flatten().all(|path| path != stdout) {
            print!("{}", report.to_text());
        }
    }
}

/// `None` for as fast as it goes.
fn speed(text: &str) -> Result<Option<f64>, &'static str> {
    match text.parse() {
        _ if text == "max" => Ok(None),
        Ok(speed) if f64::is_finite(speed) && speed > 0.0 => Ok(Some(speed)),
        _ => Err("it has to be a number above 0, or max"),
    }
}

fn write(
    path: Option<&Path>,
    write: impl FnOnce(Box<dyn io::Write>) -> io::Result<()>,
) -> Result<(), Stop> {
    let Some(path) = path else { return Ok(()) };
    let to: io::Result<Box<dyn io::Write>> = match path == Path::new("-") {
        true => Ok(Box::new(io::stdout().lock())),
        false => File::create(path).map(|file| Box::new(file) as Box<dyn io::Write>),
    };
    to.and_then(write).map_err(|error| Stop::Failure(format!("{}: {error}", path.display())))
}

fn repair(options: &Options, scenario: &Path) -> Result<(), Stop> {
    let repaired = simulate::register_missing(options, scenario).map_err(Stop::Failure)?;
    for user in &repaired.registered {
        println!("registered {user}");
    }
    for (user, reason) in &repaired.failed {
        println!("still missing: {user} ({reason})");
    }
    let (there, new, failed) = (repaired.there, repaired.registered.len(), repaired.failed.len());
    println!("{there} users were there, {new} were missing and are registered now");
    if failed == 0 {
        Ok(())
    } else {
        Err(Stop::Failure(format!("{failed} users are still missing")))
    }
}
