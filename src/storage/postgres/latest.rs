//! Rows of `latest`: one for each server, of which the one noted last counts.

use tokio_postgres::Client;

use super::connect::Trouble;
use super::lanes::Lanes;
use super::value;
use crate::storage::Result;

const NEWEST: &str = "SELECT latest FROM latest ORDER BY noted_at DESC LIMIT 1";

/// All statements of this file.
pub(super) const ALL: [&str; 1] = [NEWEST];

/// The `latest` noted last.
pub(super) async fn newest(lanes: &Lanes) -> Result<i64> {
    let rows = lanes.read(NEWEST, &[]).await?;
    rows.first().map_or(Ok(0), |row| value(row, 0))
}

/// Deletes what servers noted that have not noted anything for a day, but for the last.
pub(super) async fn tidy(client: &Client) -> std::result::Result<(), Trouble> {
    let delete = "
        DELETE FROM latest WHERE noted_at < (SELECT max(noted_at) FROM latest)
        AND noted_at < (extract(epoch FROM now() - interval '1 day') * 1000000)::bigint";
    client.execute(delete, &[]).await?;
    Ok(())
}
