//! The files of `static/`, inside the binary.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// A file that never changes while the program runs.
#[derive(Debug)]
pub struct Asset {
    /// Its path below `/static/`.
    pub path: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
    /// For the `Content-Type` header.
    pub content_type: &'static str,
    /// A strong validator for the `ETag` header, with its quotes.
    pub etag: String,
    /// Where pages fetch it: another content has another address, so that what is fetched from
    /// here may be kept for ever.
    pub versioned_url: String,
}

impl Asset {
    fn new(path: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(bytes).into();
        let hash = format!("{:016x}", u64::from_be_bytes([a, b, c, d, e, f, g, h]));
        Self {
            path,
            bytes,
            content_type,
            etag: format!("\"{hash}\""),
            versioned_url: format!("/static/{path}?v={hash}"),
        }
    }

    /// Whether a query string is that of [`Asset::versioned_url`].
    pub fn is_version(&self, query: &str) -> bool {
        self.versioned_url.split_once('?').is_some_and(|(_, own)| own == query)
    }
}

/// What pages are laid out with.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("style.css", "text/css; charset=utf-8", include_bytes!("../../static/style.css"))
});

/// The bird, in browser tabs and at the top of each page.
pub static FAVICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("favicon.svg", "image/svg+xml", include_bytes!("../../static/favicon.svg"))
});

/// The file of that path below `/static/`.
pub fn find(path: &str) -> Option<&'static Asset> {
    [&STYLE, &FAVICON].into_iter().map(|asset| &**asset).find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_static_is_inside() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/static");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let asset = find(&name).unwrap_or_else(|| panic!("static/{name} is not served"));
            assert_eq!(asset.bytes, std::fs::read(entry.path()).unwrap(), "static/{name}");
            count += 1;
        }
        assert!(count > 0, "{folder} is empty");
    }

    #[test]
    fn nothing_else_is_found() {
        for path in ["", "/", "style", "../style.css", "/style.css", "STYLE.CSS"] {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_version_is_known_by_its_query() {
        let query = STYLE.versioned_url.strip_prefix("/static/style.css?").unwrap();
        assert!(STYLE.is_version(query));
        assert!(!STYLE.is_version("v=0") && !STYLE.is_version(""));
        assert!(!FAVICON.is_version(query));
        assert_ne!(STYLE.etag, FAVICON.etag);
    }
}
