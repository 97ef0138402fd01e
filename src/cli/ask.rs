//! Questions to who sits at the terminal.

use std::io::{self, IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::Stop;

/// Whether the answer begins with a y. No answer is a no.
pub(super) fn yes_or_no(question: &str) -> Result<bool, Stop> {
    let answer = line(&format!("{question} [y/N] "))?;
    Ok(answer.trim_start().starts_with(['y', 'Y']))
}

/// A password from stdin: typed twice and unseen on a terminal, otherwise the first line.
pub(super) fn new_password() -> Result<String, Stop> {
    let password = if io::stdin().is_terminal() {
        let _unseen = Unseen::begin()?;
        let password = line("New password: ")?;
        if line("\nOnce more: ")? != password {
            return Err(Stop::Failure("the two passwords do not match".to_owned()));
        }
        password
    } else {
        line("")?
    };
    match password.is_empty() {
        true => Err(Stop::Failure("the new password is empty".to_owned())),
        false => Ok(password),
    }
}

/// A line from stdin without its end.
fn line(prompt: &str) -> Result<String, Stop> {
    let failure = |error: io::Error| Stop::Failure(format!("stdin: {error}"));
    let mut stderr = io::stderr();
    stderr.write_all(prompt.as_bytes()).and_then(|()| stderr.flush()).map_err(failure)?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(failure)?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

/// A terminal that does not show what is typed, until this is dropped.
struct Unseen(Termios);

impl Unseen {
    fn begin() -> Result<Self, Stop> {
        let failure =
            |error| Stop::Failure(format!("the terminal cannot hide a password: {error}"));
        let usual = tcgetattr(io::stdin()).map_err(failure)?;
        let mut unseen = usual.clone();
        unseen.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &unseen).map_err(failure)?;
        Ok(Self(usual))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // Nothing better can be done if the terminal is gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
        let _ = io::stderr().write_all(b"\n");
    }
}
