//! The command, and what is asked of its answer.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::support::{Launch, Simulator, TestServer, run};

/// What it said, as JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn of(output: &Output) -> Self {
        let json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {output:?}"));
        Self { status: output.status.code().unwrap(), json }
    }

    fn findings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| (finding["level"].as_str().unwrap(), finding["text"].as_str().unwrap()))
    }

    /// There is a problem of these words, which is told with what to do, and the status says so.
    #[track_caller]
    pub(crate) fn has_problem(&self, words: &str) {
        assert_eq!(self.status, 1, "{self:#?}");
        self.has("problem", words);
        for finding in self.json["findings"].as_array().unwrap() {
            assert_eq!(finding["level"] == "fine", finding["advice"].is_null(), "{finding}");
        }
    }

    /// There is a notice of these words, and no problem.
    #[track_caller]
    pub(crate) fn has_notice(&self, words: &str) {
        self.has("notice", words);
        self.is_well();
    }

    /// It is told that something is fine, and nothing is wrong.
    #[track_caller]
    pub(crate) fn is_fine(&self, words: &str) {
        self.has("fine", words);
        self.is_well();
    }

    #[track_caller]
    pub(crate) fn is_well(&self) {
        assert_eq!((self.status, self.json["problems"].as_i64()), (0, Some(0)), "{self:#?}");
    }

    #[track_caller]
    fn has(&self, level: &str, words: &str) {
        let found = self.findings().any(|(its, text)| its == level && text.contains(words));
        assert!(found, "no {level} {words:?} in {self:#?}");
    }
}

/// Runs `minitwit doctor --json` in a folder.
pub(crate) fn doctor(folder: &Path, more: &[&str], variables: &[(&str, &str)]) -> Answer {
    Answer::of(&run(folder, &[&["doctor", "--json"], more].concat(), variables))
}

/// As [`doctor`], on a server's database.
pub(crate) fn doctor_of(server: &TestServer) -> Answer {
    doctor(server.folder(), &["--database", "minitwit.db"], &[])
}

/// A server with a user and so many messages, by then stopped.
pub(crate) fn stopped_server(messages: usize) -> TestServer {
    let mut server = Launch::new().start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    for number in 0..messages {
        simulator.says("ada", &format!("message {number}")).expect(204);
    }
    server.terminate();
    server
}
