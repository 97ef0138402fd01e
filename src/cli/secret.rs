//! Values that may be secret, and then are better kept in a file than in a variable: Docker and
//! Kubernetes mount secrets as files, systemd calls them credentials.

use std::borrow::Cow;
use std::fs;

use super::{Stop, bad_flag};

/// The value of a flag itself, or what the file holds that it names as `@FILE`, without a line end.
///
/// # Errors
/// A usage error that names the file, if it cannot be read or is not UTF-8.
pub(super) fn value<'a>(flag: &str, text: &'a str) -> Result<Cow<'a, str>, Stop> {
    let Some(path) = text.strip_prefix('@') else { return Ok(text.into()) };
    let held = fs::read_to_string(path)
        .map_err(|error| bad_flag(flag, format_args!("{path}: {error}")))?;
    Ok(held.trim_end_matches(['\r', '\n']).to_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_itself_or_what_a_file_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "ada:hunter2 \r\n").unwrap();
        assert_eq!(value("--to", "ada:@hunter2").unwrap(), "ada:@hunter2");
        let named = format!("@{}", path.display());
        assert_eq!(value("--to", &named).unwrap(), "ada:hunter2 ");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = value("--to", "@/does/not/exist").unwrap_err().to_string();
        assert!(error.starts_with("--to: /does/not/exist: "), "{error}");
    }
}
