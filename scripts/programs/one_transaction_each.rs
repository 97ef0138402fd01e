//! The shape that group commit is compared with: a pool of connections, and for each request a
//! blocking thread and a durable transaction of its own.

use std::error::Error;
use std::path::Path;

use actix_web::{App, HttpResponse, HttpServer, web};
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::TransactionBehavior;

use crate::posted::{Latest, Posted, SETTINGS, insert, store_latest};

type Pool = r2d2::Pool<SqliteConnectionManager>;
type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Serves on a free port, which it prints, until it is told to stop.
pub(crate) async fn serve(database: &Path) -> Result<(), Box<dyn Error>> {
    let manager = SqliteConnectionManager::file(database)
        .with_init(|connection| connection.execute_batch(SETTINGS));
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
    let mut connection = pool.get()?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    insert(&transaction, username, text)?;
    store_latest(&transaction, latest)?;
    Ok(transaction.commit()?)
}
