//! The command line: one file for each subcommand, its flags and its `run`.

mod ask;
#[cfg(feature = "sqlite")]
mod backup;
mod database;
mod doctor;
mod flag;
mod healthcheck;
mod init_db;
#[cfg(feature = "sqlite")]
mod layer;
mod life;
mod list_messages;
mod listing;
mod metrics;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod migrate_to_postgres;
mod moment;
mod opened;
#[cfg(feature = "sqlite")]
mod restore;
mod secret;
mod serve;
mod settings;
#[cfg(feature = "simulate")]
mod simulate;
mod user;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

/// A mistake in the flags or the environment.
const USAGE_ERROR: u8 = 2;

/// The command could not do its work.
const FAILURE: u8 = 1;

/// The command has done its work, but for a remainder that it has reported.
#[cfg(all(feature = "sqlite", feature = "postgres"))]
const REMAINDER: u8 = 3;

/// MiniTwit, a microblog in one binary.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    InitDb(init_db::InitDb),
    Flag(flag::Flag),
    Unflag(flag::Unflag),
    ListMessages(list_messages::ListMessages),
    User(user::UserCommand),
    Doctor(Box<doctor::Doctor>),
    Healthcheck(healthcheck::Healthcheck),
    #[cfg(feature = "sqlite")]
    Backup(backup::Backup),
    #[cfg(feature = "sqlite")]
    Restore(restore::Restore),
    #[cfg(feature = "simulate")]
    Simulate(simulate::Simulate),
    #[cfg(all(feature = "sqlite", feature = "postgres"))]
    MigrateToPostgres(migrate_to_postgres::MigrateToPostgres),
}

/// Why a command ends early. Displays as one line.
#[derive(Debug, thiserror::Error)]
enum Stop {
    /// A mistake in the flags or the environment: nothing was opened.
    #[error("{0}")]
    Usage(String),
    /// Something that is not a matter of flags.
    #[error("{0}")]
    Failure(String),
    /// The command has done its work, with a remainder that somebody should look at.
    #[cfg(all(feature = "sqlite", feature = "postgres"))]
    #[error("{0}")]
    SeeReport(String),
}

/// Parses the arguments, runs the command and returns the exit status.
pub fn run() -> ExitCode {
    let mut command = Cli::command();
    let parsed = command.try_get_matches_from_mut(std::env::args_os());
    let parsed = parsed.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return explain(&error),
    };
    let outcome = match cli.command {
        Command::Serve(command) => command.run(),
        Command::InitDb(command) => command.run(),
        Command::Flag(command) => command.run(),
        Command::Unflag(command) => command.run(),
        Command::ListMessages(command) => command.run(),
        Command::User(command) => command.run(),
        Command::Doctor(doctor) => run_doctor(&doctor, &command, &matches),
        Command::Healthcheck(command) => command.run(),
        #[cfg(feature = "sqlite")]
        Command::Backup(command) => command.run(),
        #[cfg(feature = "sqlite")]
        Command::Restore(command) => command.run(),
        #[cfg(feature = "simulate")]
        Command::Simulate(command) => command.run(),
        #[cfg(all(feature = "sqlite", feature = "postgres"))]
        Command::MigrateToPostgres(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            tell(&stop.to_string());
            match stop {
                Stop::Usage(_) => ExitCode::from(USAGE_ERROR),
                Stop::Failure(_) => ExitCode::from(FAILURE),
                #[cfg(all(feature = "sqlite", feature = "postgres"))]
                Stop::SeeReport(_) => ExitCode::from(REMAINDER),
            }
        }
    }
}

/// It tells where the settings came from, which only the parser knows.
fn run_doctor(
    doctor: &doctor::Doctor,
    command: &clap::Command,
    matches: &ArgMatches,
) -> Result<(), Stop> {
    match (matches.subcommand(), command.get_subcommands().find(|one| one.get_name() == "doctor")) {
        (Some((_, matches)), Some(command)) => doctor.run(command, matches),
        _ => Ok(()),
    }
}

/// Shows help as it is, and a mistake as one line.
fn explain(error: &clap::Error) -> ExitCode {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if is_help {
        // Nothing better can be done if the terminal is gone.
        let _ = error.print();
        return ExitCode::from(if error.use_stderr() { USAGE_ERROR } else { 0 });
    }
    let text = error.render().to_string();
    let mistake = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = mistake.split_whitespace().collect();
    tell(&format!("{} (see --help)", words.join(" ").trim_start_matches("error: ")));
    ExitCode::from(USAGE_ERROR)
}

/// Sends the log to stderr, for people.
fn start_log() {
    crate::telemetry::start_log(crate::telemetry::LogFormat::Text);
}

#[expect(clippy::print_stderr, reason = "the one line that says why the command stops")]
fn tell(line: &str) {
    eprintln!("minitwit: {line}");
}

/// A usage error about a flag, in the words of the flag's parser.
fn bad_flag(flag: &str, error: impl std::fmt::Display) -> Stop {
    Stop::Usage(format!("{flag}: {error} (see --help)"))
}

/// Something that is not a matter of flags.
fn failure(error: impl std::fmt::Display) -> Stop {
    Stop::Failure(error.to_string())
}
