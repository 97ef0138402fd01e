//! A checked registration becomes an account, whether it came by the form or by the API.

use actix_web::web::Data;

use super::errors::Failure;
use super::site::Site;
use crate::domain::{NewAccount, Registration, RegistrationError};
use crate::storage;

/// Creates an account, unless the name is taken. Goes on when the client has given up: a
/// simulator that waits 0.3 s for a hash would otherwise lose the user for ever.
pub(super) async fn create_account(
    site: &Data<Site>,
    registration: Registration,
) -> Result<Result<(), RegistrationError>, Failure> {
    let site = Data::clone(site);
    let created = actix_web::rt::spawn(async move { store_account(&site, registration).await });
    created.await.map_err(|error| {
        log::error!("a registration broke off: {error}");
        Failure::Internal
    })?
}

/// Looks before hashing: a hash is dear.
async fn store_account(
    site: &Site,
    Registration { username, email, password }: Registration,
) -> Result<Result<(), RegistrationError>, Failure> {
    match site.storage.user(username.as_str()).await {
        Ok(_) => return Ok(Err(RegistrationError::UsernameTaken)),
        Err(storage::Error::UnknownUser) => {}
        Err(error) => return Err(error.into()),
    }
    let pw_hash = site.hashing.hash(password).await?;
    match site.storage.register(NewAccount { username, email, pw_hash }).await {
        Ok(_) => Ok(Ok(())),
        Err(storage::Error::UsernameTaken) => Ok(Err(RegistrationError::UsernameTaken)),
        Err(error) => Err(error.into()),
    }
}
