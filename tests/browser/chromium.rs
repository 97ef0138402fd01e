//! A Chromium of its own for each visitor, with an empty profile.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::thread;

use serde_json::json;
use tempfile::TempDir;

use crate::tools;
use crate::webdriver::Session;

/// A running chromedriver. It and the browsers that it opened end with this value.
pub struct Chromium {
    driver: Child,
    url: String,
    profile: TempDir,
}

impl Chromium {
    /// Starts the driver on a port that the system picks.
    pub fn start() -> Self {
        tools::program("chromium");
        let mut command = tools::program("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.spawn().unwrap();
        let port = announced_port(driver.stdout.take().unwrap());
        let url = format!("http://127.0.0.1:{port}");
        Self { driver, url, profile: tempfile::tempdir().unwrap() }
    }

    /// Opens a browser.
    pub fn open(&self, javascript: bool) -> Session {
        let blocked = 2;
        let preferences = match javascript {
            true => json!({}),
            false => json!({ "profile.managed_default_content_settings.javascript": blocked }),
        };
        Session::open(
            &self.url,
            json!({
                "goog:chromeOptions": { "args": self.arguments(), "prefs": preferences },
                "goog:loggingPrefs": { "browser": "ALL" },
            }),
        )
    }

    /// Nothing is fetched from outside, nothing is remembered from before.
    fn arguments(&self) -> Vec<String> {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let flags = [
            "--headless",
            // It cannot build one as root or in most containers, and sees our own pages alone.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ];
        flags.map(String::from).into_iter().chain([profile]).collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Asked like this it closes its browsers first; killed, it would leave them behind.
        let asked = ureq::get(format!("{}/shutdown", self.url)).call();
        if asked.is_err() {
            let _ = self.driver.kill();
        }
        let _ = self.driver.wait();
    }
}

/// The port in the line `ChromeDriver was started successfully on port N.`
fn announced_port(stdout: impl Read + Send + 'static) -> u16 {
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        let (_, port) = line.split_once("successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    // Somebody has to read on, or a full pipe stops it one day.
    thread::spawn(move || lines.for_each(drop));
    port.expect("chromedriver says on which port it listens")
}
