//! What can be wrong with a page that works.

use std::fs;

use serde_json::Value;

use crate::browser::Browser;
use crate::look::Look;
use crate::tools;

impl Browser {
    /// What axe has against the page: its rules for WCAG 2.2 AA and for good practice.
    pub fn barriers(&self) -> Vec<String> {
        let axe = tools::installed("node_modules/axe-core/axe.min.js");
        if self.ask("return typeof axe", &[]) == "undefined" {
            self.ask(&fs::read_to_string(axe).unwrap(), &[]);
        }
        let found = self.ask_later(include_str!("barriers.js"));
        lines(&found)
    }

    /// What is too wide for the window, or cut off.
    pub fn overflow(&self) -> Vec<String> {
        lines(&self.ask(include_str!("overflow.js"), &[]))
    }

    /// Whether the page's background is as light or as dark as its reader prefers.
    pub fn has_brightness_of(&self, look: Look) -> bool {
        let dark = self.ask(include_str!("is_dark.js"), &[]);
        dark.as_bool().unwrap_or_else(|| panic!("a page without background: {dark}"))
            == look.is_dark()
    }

    /// What the browser reported about the page. That the page itself came with an error status
    /// is no news where that is expected.
    pub fn complaints(&self, is_error_page: bool) -> Vec<String> {
        let status = format!("{} - Failed to load resource: the server responded with", self.url());
        let complaints = self.console().into_iter();
        complaints.filter(|line| !(is_error_page && line.starts_with(&status))).collect()
    }
}

/// The strings of a JSON array.
fn lines(found: &Value) -> Vec<String> {
    let lines = found.as_array().unwrap_or_else(|| panic!("no list: {found}"));
    lines.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}
