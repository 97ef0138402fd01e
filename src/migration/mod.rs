//! `minitwit migrate-to-postgres`: everything from a SQLite file into a Postgres.
//!
//! One thread reads SQLite and writes rows as Postgres' binary COPY takes them; indices and
//! references are built when the rows are there; then Postgres is read back and compared.

mod builders;
mod catching_up;
mod changes;
mod comparison;
mod constraints;
mod failure;
mod giving_up;
mod literal;
mod loading;
mod progress;
mod reader;
mod report;
mod rules;
mod sealing;
mod source;
mod tables;
mod target;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

pub use self::failure::Failure;

use self::builders::Builders;
use self::comparison::Comparison;
use self::constraints::Constraints;
use self::failure::Result;
use self::progress::{Progress, grouped, say};
use self::reader::Reader;
use self::report::Report;
use self::sealing::Sealing;
use self::source::{Source, connect};
use self::tables::TABLES;
use self::target::{Destination, Standing};
use crate::storage::moving::announcement::Announcement;
use crate::storage::postgres::Target;
use crate::storage::sqlite::beside;
use crate::storage::sqlite::seal::Seal;
use crate::storage::sqlite::source::{self as sqlite, Origin};

/// What an operator asks for.
pub struct Options {
    /// The SQLite file: a MiniTwit's, or the original program's.
    pub from: PathBuf,
    /// The Postgres.
    pub to: Target,
    /// The URL that names it, for servers that follow.
    pub to_url: String,
    /// Where to put the adopted copy of a file of the original program.
    pub work_dir: Option<PathBuf>,
    /// Where to write what did not arrive as it was.
    pub report: Option<PathBuf>,
    /// Whether only to look.
    pub dry_run: bool,
}

/// How a migration ended well.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything arrived as it was.
    AllArrived,
    /// Everything arrived but what this file tells; without a name, that of an earlier run.
    SeeReport(Option<PathBuf>),
}

/// Moves everything, compares both sides and prints the comparison. Stopped by a signal or a
/// failure before the file is sealed, it leaves the file as it was.
pub async fn run(options: &Options) -> std::result::Result<Ending, Failure> {
    let run = Run { token: random_token()?, sealing: AtomicBool::new(false) };
    let ended = tokio::select! {
        outcome = attempt(options, &run) => Some(outcome),
        stopped = giving_up::stopped() => stopped.err().map(Err),
    };
    match ended {
        None => Err(giving_up::stopped_with(giving_up::give_up(&options.from, &run))),
        Some(Err(failure)) => {
            // What went wrong comes first; a trace that stays is cleared by the next run.
            let _ = giving_up::give_up(&options.from, &run);
            Err(failure)
        }
        Some(ending) => ending,
    }
}

/// What tells one run from others, and how far it is.
struct Run {
    token: [u8; 16],
    /// Whether Postgres may take itself for complete: then the file has to keep the token.
    sealing: AtomicBool,
}

async fn attempt(options: &Options, run: &Run) -> Result<Ending> {
    let mut source = Source::look(&options.from)?;
    let mut destination = Destination::connect(&options.to).await?;
    if !options.dry_run {
        destination.lock().await?;
    }
    let standing = destination.standing(&source.identity).await?;
    if let Some(seal) = sealing::read_seal(&source.file)? {
        return complete(options, &source, &destination, &standing, &seal).await;
    }
    check_standing(&source, &destination, &standing)?;
    let report = begin_report(options, &source.file)?;
    source.adopt(options.work_dir.as_deref())?;
    if options.dry_run {
        return dry_run(&source, Reader::new(source.snapshot()?, report)?);
    }
    if source.origin == Origin::Original {
        return move_original(&source, destination, &run.token, report).await;
    }
    let file = &source.file;
    let (control, _) = sqlite::open(file)?;
    let snapshot = changes::begin(&control, &run.token, || source.snapshot())?;
    // Servers that were about to follow an earlier run would hold on to tables that go now.
    Announcement::remove(file)?;
    destination.begin(&source.identity, &run.token).await?;
    let mut reader = Reader::new(snapshot, report)?;
    reader.rules.now = destination.now().await?;
    let (mut reader, comparison) = copy(&mut destination, reader).await?;
    reader.db = connect(file)?;
    let announcement = Announcement { url: options.to_url.clone(), token: run.token.to_vec() };
    let (destination, begun) = (&destination, &run.sealing);
    let sealing = Sealing { file, control, destination, announcement, begun };
    let changes = sealing.carry_out(&mut reader).await?;
    let comparison = match changes {
        0 => comparison,
        _ => comparison.counted_again(&reader, &destination.client).await?,
    };
    println!("{comparison}");
    finish(&mut reader)
}

/// Moves the adopted copy of a file of the original program. That file is not sealed, for it is
/// not changed: nobody but the operator can keep the original program from writing to it.
async fn move_original(
    source: &Source,
    mut destination: Destination,
    token: &[u8],
    report: Report,
) -> Result<Ending> {
    destination.begin(&source.identity, token).await?;
    let mut reader = Reader::new(source.snapshot()?, report)?;
    reader.rules.now = destination.now().await?;
    tell_adoption(source, &mut reader.report)?;
    reader.adopting = source.origin == Origin::Original;
    let (mut reader, comparison) = copy(&mut destination, reader).await?;
    sealing::set_sequences(&destination.client, &reader).await?;
    sealing::declare_ready(&destination.client, token).await?;
    println!("{comparison}");
    say(format_args!(
        "{} is as it was: see to it that nothing writes to it any more",
        source.file.display()
    ));
    finish(&mut reader)
}

/// Says whether the file may be moved to a database that stands so.
fn check_standing(source: &Source, destination: &Destination, standing: &Standing) -> Result<()> {
    match standing {
        Standing::Empty => Ok(()),
        Standing::Finished { .. } => Err(destination.refuse(format_args!(
            "{} has been moved there already: give that database with --database, or another, \
             empty one to move to",
            source.file.display()
        ))),
        // All has arrived there, and only the file that it came from says whether it counts.
        Standing::Unfinished { sealing: true, token }
            if source.origin == Origin::MiniTwit
                && *token != changes::token(&connect(&source.file)?)? =>
        {
            Err(destination.refuse(format_args!(
                "a migration of another copy of {} has come to its last step there: run it again \
                 with that file, or use another, empty database",
                source.file.display()
            )))
        }
        Standing::Unfinished { .. } => {
            say("an earlier migration of this file did not finish there: starting again");
            Ok(())
        }
    }
}

/// Completes or confirms the move of a file that is sealed.
async fn complete(
    options: &Options,
    source: &Source,
    destination: &Destination,
    standing: &Standing,
    seal: &Seal,
) -> Result<Ending> {
    let known_by = match standing {
        Standing::Unfinished { token, .. } | Standing::Finished { token } => token.as_ref(),
        Standing::Empty => None,
    };
    let file = source.file.display();
    if known_by != Some(&seal.token) {
        return Err(Failure::new(format_args!(
            "{file} is sealed, because its data has moved to {}, which is not this database",
            seal.target
        )));
    }
    if !options.dry_run {
        sealing::declare_ready(&destination.client, &seal.token).await?;
    }
    println!("{file} has been moved to {}, which is the true database", seal.target);
    Ok(if seal.see_report { Ending::SeeReport(None) } else { Ending::AllArrived })
}

/// Copies all there is in the snapshot, and compares what has arrived.
async fn copy(destination: &mut Destination, reader: Reader) -> Result<(Reader, Comparison)> {
    let constraints = Constraints::take(&mut destination.client).await?;
    let builders = Builders::start(destination).await?;
    let client = destination.filler().await?;
    let total = reader.count()?;
    let progress = Progress::watch("copied", total, reader.progress.clone());
    let (reader, tallies) = loading::load(reader, &client, &constraints, &builders).await?;
    drop(progress);
    say(format_args!("copied {} rows", grouped(total)));
    builders.finish().await?;
    destination.client.batch_execute(&constraints.declare()).await?;
    say("built indices");
    // Checking references and reading back take turns on the processors, but not on locks.
    let builders = Builders::start(destination).await?;
    constraints.validate().for_each(|sql| builders.build(sql));
    let comparison = Comparison::of_all(&client, &reader.key, tallies).await?;
    comparison.check()?;
    say("compared the contents of both sides: they are the same");
    builders.finish().await?;
    say("checked references");
    Ok((reader, comparison))
}

fn dry_run(source: &Source, mut reader: Reader) -> Result<Ending> {
    tell_adoption(source, &mut reader.report)?;
    reader.adopting = source.origin == Origin::Original;
    let total = reader.count()?;
    for table in &TABLES {
        let tally = reader.read_all(table, |_| Ok(()))?;
        println!(
            "{}: {} of {} rows would arrive",
            table.name,
            grouped(tally.arrives.rows),
            grouped(tally.read)
        );
    }
    println!(
        "{} rows; Postgres needs about {} MB for them, and as much again for its log",
        grouped(total),
        grouped(source.bytes() * 3 / 2_000_000 + 10)
    );
    finish(&mut reader)
}

fn begin_report(options: &Options, file: &Path) -> Result<Report> {
    let path = options.report.clone().unwrap_or_else(|| beside(file, ".migration-report.jsonl"));
    Report::begin(&path).map_err(|error| {
        let path = path.display();
        Failure::new(format_args!(
            "{path}: the report cannot be written: {error}; choose another place with --report"
        ))
    })
}

fn tell_adoption(source: &Source, report: &mut Report) -> Result<()> {
    for line in &source.adoption {
        say(line);
    }
    // The first line only counts. What became of single values is told value by value.
    let of_values = |line: &str| line.starts_with("  ") || line.contains(" × ");
    for line in source.adoption.iter().skip(1).filter(|line| !of_values(line)) {
        report.remark(line)?;
    }
    Ok(())
}

fn finish(reader: &mut Reader) -> Result<Ending> {
    let report = &mut reader.report;
    report.finish()?;
    if report.is_empty() {
        println!("all rows arrived as they were");
        return Ok(Ending::AllArrived);
    }
    println!(
        "{} rows stayed behind, {} values arrived changed",
        grouped(report.left_behind),
        grouped(report.changed)
    );
    Ok(Ending::SeeReport(Some(report.path().to_owned())))
}

/// Tells this run from all others.
fn random_token() -> Result<[u8; 16]> {
    let mut token = [0; 16];
    getrandom::fill(&mut token).map_err(|error| Failure::new(format_args!("no token: {error}")))?;
    Ok(token)
}
