//! How wide the window is, and whether its owner likes it light or dark.

use std::fmt;
use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::browser::Browser;
use crate::tools;

/// A window of a certain size and brightness.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Look {
    width: u16,
    height: u16,
    scheme: &'static str,
}

/// A small telephone is 320 pixels wide; so is a window of 1280 that is zoomed to 400 %.
const NARROW: (u16, u16) = (320, 640);
const WIDE: (u16, u16) = (1280, 800);

impl Look {
    /// Both widths in both colour schemes.
    pub const ALL: [Self; 4] = [
        Self::new(WIDE, "light"),
        Self::new(WIDE, "dark"),
        Self::new(NARROW, "light"),
        Self::new(NARROW, "dark"),
    ];

    const fn new((width, height): (u16, u16), scheme: &'static str) -> Self {
        Self { width, height, scheme }
    }

    /// Whether dark colours are preferred.
    pub fn is_dark(self) -> bool {
        self.scheme == "dark"
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.width, self.scheme)
    }
}

impl Browser {
    /// Gives the window another look; the page adapts to it at once.
    pub fn wear(&self, look: Look) {
        self.command(
            "Emulation.setDeviceMetricsOverride",
            json!({
                "width": look.width,
                "height": look.height,
                "deviceScaleFactor": 1,
                "mobile": false,
            }),
        );
        let scheme = json!({ "name": "prefers-color-scheme", "value": look.scheme });
        // A transition would show colours that are neither the old ones nor the new ones.
        let calm = json!({ "name": "prefers-reduced-motion", "value": "reduce" });
        self.command("Emulation.setEmulatedMedia", json!({ "features": [scheme, calm] }));
    }

    /// Leaves a picture of the page, down to its end, in `target/screenshots`.
    pub fn take_picture(&self, name: &str, look: Look) {
        const LONGEST: f64 = 3_000.0;
        let height = self.ask("return document.documentElement.scrollHeight", &[]);
        let height = height.as_f64().unwrap_or(LONGEST).clamp(look.height.into(), LONGEST);
        let clip = json!({ "x": 0, "y": 0, "width": look.width, "height": height, "scale": 1 });
        let shot = json!({ "clip": clip, "captureBeyondViewport": true });
        let picture = self.command("Page.captureScreenshot", shot);
        let picture = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        let file = tools::results("screenshots").join(format!("{name}-{look}.png"));
        fs::write(file, picture).unwrap();
    }
}
