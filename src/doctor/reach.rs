//! Whether people reach the page.

use crate::storage::diagnosis::Finding;

/// Asks for the page at its public address, as a browser on this machine would.
pub(super) fn examine(url: Option<&str>) -> Vec<Finding> {
    match url {
        Some(url) => vec![ask(url.trim_end_matches('/'))],
        None => Vec::new(),
    }
}

#[cfg(feature = "simulate")]
fn ask(url: &str) -> Finding {
    use std::time::Duration;

    /// What every page of MiniTwit's has in its title.
    const MARK: &str = "MiniTwit";
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(10)))
        .user_agent(concat!("minitwit-doctor/", env!("CARGO_PKG_VERSION")));
    let page = format!("{url}/public");
    let answer = match config.build().new_agent().get(&page).call() {
        Ok(answer) => answer,
        Err(error) => {
            return Finding::problem(
                format!("{page} cannot be reached from here: {error}"),
                "look at the name (DNS), the firewall, the certificate, and the proxy; a router \
                 may keep a machine from its own public address, so try from elsewhere too",
            );
        }
    };
    let status = answer.status().as_u16();
    let text = answer.into_body().read_to_string().unwrap_or_default();
    match status {
        200 if text.contains(MARK) => Finding::fine(format!("{page} shows MiniTwit")),
        200 => Finding::problem(
            format!("{page} shows something else than MiniTwit"),
            "look at the proxy: it leads to another program",
        ),
        502..=504 => Finding::problem(
            format!(
                "{page} answers {status}: the proxy does not reach MiniTwit, or it its database"
            ),
            "look whether `minitwit serve` runs, at the address that the proxy has, and at /readyz",
        ),
        _ => Finding::problem(format!("{page} answers {status}"), "look at the logs of both"),
    }
}

#[cfg(not(feature = "simulate"))]
fn ask(url: &str) -> Finding {
    Finding::notice(
        format!("{url} was not asked for: this build has no HTTP client"),
        format!("ask yourself: curl -i {url}/public"),
    )
}
