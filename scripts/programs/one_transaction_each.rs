//! The shape that group commit is compared with: a pool of connections, and for each request a
//! blocking thread and a durable transaction of its own. It checks no credentials and no lengths.

use std::error::Error;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::{App, HttpResponse, HttpServer, web};
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{TransactionBehavior, params};
use serde::Deserialize;

type Pool = r2d2::Pool<SqliteConnectionManager>;
type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Serves on a free port, which it prints, until it is told to stop.
pub(crate) async fn serve(database: &Path) -> Result<(), Box<dyn Error>> {
    let manager = SqliteConnectionManager::file(database).with_init(|connection| {
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )
    });
    let pool = web::Data::new(Pool::new(manager)?);
    let server = HttpServer::new(move || {
        App::new().app_data(pool.clone()).route("/msgs/{username}", web::post().to(post))
    })
    .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    Ok(server.run().await?)
}

#[derive(Deserialize)]
struct Posted {
    content: String,
}

#[derive(Deserialize)]
struct Latest {
    latest: i64,
}

async fn post(
    pool: web::Data<Pool>,
    username: web::Path<String>,
    latest: web::Query<Latest>,
    posted: web::Json<Posted>,
) -> HttpResponse {
    let stored = web::block(move || store(&pool, &username, &posted.content, latest.latest)).await;
    match stored {
        Ok(Ok(())) => HttpResponse::NoContent().finish(),
        _ => HttpResponse::InternalServerError().finish(),
    }
}

fn store(pool: &Pool, username: &str, text: &str, latest: i64) -> Fallible<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let mut connection = pool.get()?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction
        .prepare_cached(
            "INSERT INTO message (author_id, text, pub_date)
             SELECT user_id, ?, ? FROM user WHERE username = ?",
        )?
        .execute(params![text, now.as_secs() as i64, username])?;
    transaction
        .prepare_cached("REPLACE INTO latest (only_row, latest, noted_at) VALUES (1, ?, ?)")?
        .execute(params![latest, now.as_micros() as i64])?;
    Ok(transaction.commit()?)
}
