//! The settings of a command, and where each came from.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use serde::Serialize;

/// One setting.
#[derive(Debug, Serialize)]
pub(super) struct Setting {
    /// As on the command line.
    flag: String,
    /// Its value, unless that is secret; `None` if it is unset.
    value: Option<String>,
    /// The flag, the name of the variable, or `default`.
    from: String,
}

/// The settings of a command that has been parsed. Values of flags that hide them in `--help` are
/// shown as `reveal` does.
pub(super) fn settings(
    command: &Command,
    matches: &ArgMatches,
    reveal: impl Fn(&str) -> Option<String>,
) -> Vec<Setting> {
    let flags = command.get_arguments().filter(|arg| arg.get_env().is_some());
    flags.map(|arg| setting(arg, matches, &reveal)).collect()
}

fn setting(arg: &Arg, matches: &ArgMatches, reveal: &impl Fn(&str) -> Option<String>) -> Setting {
    let id = arg.get_id().as_str();
    let raw = matches.get_raw(id).map(|values| {
        let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
        values.join(",")
    });
    let value = match raw {
        Some(_) if arg.is_hide_env_values_set() => {
            Some(reveal(id).unwrap_or_else(|| "(not shown)".into()))
        }
        value => value,
    };
    let from = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => "the command line".into(),
        Some(ValueSource::EnvVariable) => {
            arg.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        }
        _ => "default".into(),
    };
    Setting { flag: format!("--{}", arg.get_long().unwrap_or(id)), value, from }
}

/// The settings as a table.
pub(super) fn table(settings: &[Setting]) -> String {
    let shown = |setting: &Setting| setting.value.clone().unwrap_or_else(|| "(unset)".into());
    let width = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or_default();
    let flags = width(&mut settings.iter().map(|setting| setting.flag.len()));
    let values = width(&mut settings.iter().map(|setting| shown(setting).chars().count()));
    let lines = settings.iter().map(|setting| {
        format!("  {:<flags$}  {:<values$}  {}\n", setting.flag, shown(setting), setting.from)
    });
    lines.collect()
}
