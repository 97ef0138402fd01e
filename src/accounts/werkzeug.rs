//! Password hashes of the original program's library, werkzeug: `METHOD$SALT$HEX`. They are only
//! verified; new hashes are bcrypt's.

use pbkdf2::pbkdf2_hmac_array;
use scrypt::{Params, scrypt};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

use super::password::UnusableHash;

/// Most iterations of pbkdf2 that are worth waiting for: ten times werkzeug's highest default,
/// about two seconds. A damaged database may ask for more.
const MAX_PBKDF2_ITERATIONS: u32 = 10_000_000;

/// Largest product N·r·p of scrypt: 128 MiB of memory, four times werkzeug's default.
const MAX_SCRYPT_BLOCKS: u64 = 1 << 20;

/// Whether it looks like a hash that werkzeug made, perhaps a damaged one.
pub(super) fn is_werkzeug(stored: &str) -> bool {
    stored.starts_with("pbkdf2:") || stored.starts_with("scrypt:")
}

/// Whether the hash was made of the password.
pub(super) fn verify(password: &[u8], stored: &str) -> Result<bool, UnusableHash> {
    let mut parts = stored.splitn(3, '$');
    let (Some(method), Some(salt), Some(hex)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(UnusableHash::Damaged);
    };
    let method: Vec<&str> = method.split(':').collect();
    let salt = salt.as_bytes();
    match method[..] {
        ["pbkdf2", "sha256", iterations] => {
            same(hex, || Ok(pbkdf2_hmac_array::<Sha256, 32>(password, salt, rounds(iterations)?)))
        }
        ["pbkdf2", "sha512", iterations] => {
            same(hex, || Ok(pbkdf2_hmac_array::<Sha512, 64>(password, salt, rounds(iterations)?)))
        }
        ["scrypt", n, r, p] => same(hex, || {
            let mut key = [0; 64];
            scrypt(password, salt, &params(n, r, p)?, &mut key)
                .map_err(|_| UnusableHash::Damaged)?;
            Ok(key)
        }),
        _ => Err(UnusableHash::Unknown),
    }
}

/// Whether `hex` is that of the key, which is derived only if it can be, and compared in
/// constant time.
fn same<const N: usize>(
    hex: &str,
    derive: impl FnOnce() -> Result<[u8; N], UnusableHash>,
) -> Result<bool, UnusableHash> {
    let stored: [u8; N] = decode(hex).ok_or(UnusableHash::Damaged)?;
    Ok(stored.ct_eq(&derive()?).into())
}

fn decode<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    if hex.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(bytes)
}

fn rounds(iterations: &str) -> Result<u32, UnusableHash> {
    match number(iterations)? {
        0 => Err(UnusableHash::Damaged),
        rounds @ 1..=MAX_PBKDF2_ITERATIONS => Ok(rounds),
        _ => Err(UnusableHash::TooMuchWork),
    }
}

fn params(n: &str, r: &str, p: &str) -> Result<Params, UnusableHash> {
    let (n, r, p) = (number(n)?, number(r)?, number(p)?);
    let blocks = u64::from(n).saturating_mul(u64::from(r)).saturating_mul(u64::from(p));
    if blocks > MAX_SCRYPT_BLOCKS {
        return Err(UnusableHash::TooMuchWork);
    }
    if n < 2 || !n.is_power_of_two() {
        return Err(UnusableHash::Damaged);
    }
    let log_n = u8::try_from(n.ilog2()).map_err(|_| UnusableHash::Damaged)?;
    Params::new(log_n, r, p).map_err(|_| UnusableHash::Damaged)
}

fn number(digits: &str) -> Result<u32, UnusableHash> {
    digits.parse().map_err(|_| UnusableHash::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Made by `werkzeug.security.generate_password_hash` of Werkzeug 3.1.
    const VECTORS: &[(&str, &str)] = &[
        (
            "default",
            "pbkdf2:sha256:50000$Rb2pSy1wCcYM5KPC$\
             4da2147bb5b22950acec0ce34ce678881c11d197c4e7e41828629ca8d6668425",
        ),
        (
            "pässwörd 🐦",
            "pbkdf2:sha256:1000$8QiBRinAGQtwOdSi$\
             5997f58494a6fa4162cb534e30fbc3a0dad37c5edac3be4bbd67a2e00166d498",
        ),
        (
            "pässwörd 🐦",
            "pbkdf2:sha512:1000$2IJ6ksBhS4jpV89s$\
             3ec5c68c58490de1fba282edab391d099c056c3bf228ddbf712ff96e5c617d11\
             9bfede85e0af6549e9e5b58ab7e8a3e4a6b8792dcbc5390ef2874419f098de2e",
        ),
        (
            "pässwörd 🐦",
            "scrypt:32768:8:1$bOGY52EdZrn9JlnB$\
             dc3eba79d1b630d79c7fd44294a13830617f4d4b604c56d5ab89509036c2f56e\
             54f48f11e4776da545801688fe3ad748914ef71c022f3549e9ae7f4d2da74085",
        ),
        (
            "default",
            "scrypt:1024:8:2$UV8N5LWxlVONx551$\
             14ffefb8b070043bd51617d87621111c5ab5ae63feea0dcaf73e616b56f6b2d9\
             4b5b9c9abe64a39222817c932a930ff0906fffb2be8fb9ae83b20a9d1a799f7b",
        ),
    ];

    #[test]
    fn werkzeugs_own_hashes_know_their_password() {
        for (password, stored) in VECTORS {
            assert!(is_werkzeug(stored));
            assert_eq!(verify(password.as_bytes(), stored), Ok(true), "{stored}");
            assert_eq!(verify(b"another", stored), Ok(false), "{stored}");
            assert_eq!(verify(b"", stored), Ok(false), "{stored}");
        }
    }

    #[test]
    fn what_a_damaged_database_holds_is_refused_without_work() {
        use UnusableHash::{Damaged, TooMuchWork, Unknown};
        let (key, long) = ("0".repeat(64), "0".repeat(128));
        for (stored, reason) in [
            ("pbkdf2:".to_owned(), Damaged),
            ("pbkdf2:sha256:1000$salt".to_owned(), Damaged),
            ("pbkdf2:sha256:1000$salt$00".to_owned(), Damaged),
            (format!("pbkdf2:sha256:1000$salt${}é", &key[..62]), Damaged),
            (format!("pbkdf2:sha256:1000$salt${}g", &key[..63]), Damaged),
            (format!("pbkdf2:sha256:0$salt${key}"), Damaged),
            (format!("pbkdf2:sha256:many$salt${key}"), Damaged),
            (format!("pbkdf2:sha256:99999999999$salt${key}"), Damaged),
            (format!("pbkdf2:sha256:4294967295$salt${key}"), TooMuchWork),
            (format!("pbkdf2:md5:1000$salt${key}"), Unknown),
            (format!("scrypt:32768:8$salt${long}"), Unknown),
            (format!("scrypt:32768:8:1$salt${key}"), Damaged),
            (format!("scrypt:0:8:1$salt${long}"), Damaged),
            (format!("scrypt:1:8:1$salt${long}"), Damaged),
            (format!("scrypt:1000:8:1$salt${long}"), Damaged),
            (format!("scrypt:1024:0:1$salt${long}"), Damaged),
            (format!("scrypt:1024:8:0$salt${long}"), Damaged),
            (format!("scrypt:2147483648:8:1$salt${long}"), TooMuchWork),
            (format!("scrypt:2:4294967295:4294967295$salt${long}"), TooMuchWork),
        ] {
            assert_eq!(verify(b"default", &stored), Err(reason), "{stored}");
        }
    }

    proptest! {
        #[test]
        fn no_hash_ever_panics(method in "(pbkdf2:sha256|scrypt)?", rest in "[:$0-9a-f]{0,20}\\PC*") {
            prop_assert_ne!(verify(b"default", &(method + &rest)), Ok(true));
        }
    }
}
