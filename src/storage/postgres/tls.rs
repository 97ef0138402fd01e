//! `sslmode` and `sslrootcert`, as libpq understands them
//! (<https://www.postgresql.org/docs/current/libpq-ssl.html>).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How a connection is encrypted, and whom it trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// Not encrypted.
    Disable,
    /// Encrypted if the server can; whoever answers is believed. What libpq does by default.
    Prefer,
    /// Encrypted; whoever answers is believed.
    Unverified,
    /// Encrypted; the certificate must come from one of the roots.
    VerifyCa(Roots),
    /// As `VerifyCa`, and the certificate must be the host's.
    VerifyFull(Roots),
}

/// Who may vouch for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    /// Whom the operating system trusts.
    System,
    /// The certificates in that file (PEM).
    File(PathBuf),
}

impl Tls {
    /// From the parameters of an URL; `None` for an `sslmode` that does not exist.
    pub(super) fn new(sslmode: Option<&str>, sslrootcert: Option<PathBuf>) -> Option<Self> {
        let file = sslrootcert.filter(|path| path != Path::new("system"));
        let has_file = file.is_some();
        let roots = file.map_or(Roots::System, Roots::File);
        Some(match sslmode {
            Some("disable") => Self::Disable,
            None | Some("prefer") => Self::Prefer,
            // As libpq does, for who names a root wants it asked.
            Some("require") if has_file => Self::VerifyCa(roots),
            Some("require") => Self::Unverified,
            Some("verify-ca") => Self::VerifyCa(roots),
            Some("verify-full") => Self::VerifyFull(roots),
            Some(_) => return None,
        })
    }

    /// Reads the roots. An error is one line that says what to do.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, String> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match self {
            Self::Disable | Self::Prefer | Self::Unverified => Arc::new(Anybody(provider.clone())),
            Self::VerifyCa(roots) => Arc::new(AnyName(verifier(roots, &provider)?)),
            Self::VerifyFull(roots) => verifier(roots, &provider)?,
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

fn verifier(
    roots: &Roots,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, String> {
    let store = Arc::new(roots.store()?);
    WebPkiServerVerifier::builder_with_provider(store, provider.clone())
        .build()
        .map_err(|error| error.to_string())
}

impl Roots {
    fn store(&self) -> Result<RootCertStore, String> {
        let mut store = RootCertStore::empty();
        let found = match self {
            Self::System => rustls_native_certs::load_native_certs().certs,
            Self::File(path) => read(path)?,
        };
        store.add_parsable_certificates(found);
        match (store.is_empty(), self) {
            (false, _) => Ok(store),
            (true, Self::System) => Err("this system trusts nobody: install the package \
                                         ca-certificates, or name a file with sslrootcert"
                .to_owned()),
            (true, Self::File(path)) => {
                Err(format!("sslrootcert {}: holds no certificate (PEM)", path.display()))
            }
        }
    }
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let cannot = |error| format!("sslrootcert {}: {error}", path.display());
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| match error {
        rustls::pki_types::pem::Error::Io(error) => cannot(error.to_string()),
        other => cannot(other.to_string()),
    })?;
    certificates.collect::<Result<_, _>>().map_err(|error| cannot(error.to_string()))
}

/// Believes whoever answers: the connection cannot be overheard, but may lead to anybody.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    // That the server holds the key of a certificate nobody looked at would say nothing.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Asks who vouches for the server, and not what it is called.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The name is what webpki looks at last.
        match self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_means_what_it_means_to_libpq() {
        let file = || Some(PathBuf::from("root.crt"));
        let from_file = || Roots::File("root.crt".into());
        for (sslmode, sslrootcert, tls) in [
            (None, None, Tls::Prefer),
            (None, file(), Tls::Prefer),
            (Some("require"), None, Tls::Unverified),
            (Some("require"), file(), Tls::VerifyCa(from_file())),
            (Some("verify-full"), file(), Tls::VerifyFull(from_file())),
            (Some("verify-full"), Some("system".into()), Tls::VerifyFull(Roots::System)),
        ] {
            assert_eq!(Tls::new(sslmode, sslrootcert), Some(tls), "{sslmode:?}");
        }
        assert_eq!(Tls::new(Some("allow"), None), None);
    }

    #[test]
    fn roots_that_are_none_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.crt");
        std::fs::write(&empty, "").unwrap();
        for path in [empty, folder.path().join("missing.crt")] {
            let error = Tls::VerifyFull(Roots::File(path.clone())).connector().err().unwrap();
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
    }
}
