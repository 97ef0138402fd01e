//! One thread that commits in groups, and nothing else: no limits, no credentials, no metrics, no
//! log. What this HTTP stack and this database reach when nobody has tuned them.

use std::error::Error;
use std::iter;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use actix_web::{App, HttpResponse, HttpServer, web};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::posted::{Latest, Posted, SETTINGS, insert, store_latest};

/// A call on its way to the thread that writes.
struct Order {
    username: String,
    text: String,
    latest: i64,
    /// Told whether it is on disk.
    reply: oneshot::Sender<bool>,
}

/// Serves on a free port, which it prints, until it is told to stop.
pub(crate) async fn serve(database: &Path) -> Result<(), Box<dyn Error>> {
    let db = Connection::open(database)?;
    db.execute_batch(SETTINGS)?;
    let (queue, orders) = channel();
    thread::Builder::new().name("sqlite-writer".into()).spawn(move || write(&db, &orders))?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(queue.clone()))
            .route("/msgs/{username}", web::post().to(post))
    })
    .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    Ok(server.run().await?)
}

async fn post(
    queue: web::Data<Sender<Order>>,
    username: web::Path<String>,
    latest: web::Query<Latest>,
    posted: web::Json<Posted>,
) -> HttpResponse {
    let (reply, stored) = oneshot::channel();
    let (username, text) = (username.into_inner(), posted.into_inner().content);
    let sent = queue.send(Order { username, text, latest: latest.latest, reply });
    match (sent, stored.await) {
        (Ok(()), Ok(true)) => HttpResponse::NoContent().finish(),
        _ => HttpResponse::InternalServerError().finish(),
    }
}

/// Stores together what waits, until nobody can send any more.
fn write(db: &Connection, orders: &Receiver<Order>) {
    while let Ok(first) = orders.recv() {
        let group: Vec<Order> = iter::once(first).chain(orders.try_iter()).collect();
        let stored = store(db, &group).is_ok();
        for order in group {
            // Whoever has hung up does not want to know.
            let _ = order.reply.send(stored);
        }
    }
}

fn store(db: &Connection, group: &[Order]) -> rusqlite::Result<()> {
    let transaction = db.unchecked_transaction()?;
    for order in group {
        insert(&transaction, &order.username, &order.text)?;
    }
    store_latest(&transaction, group.last().map_or(0, |order| order.latest))?;
    transaction.commit()
}
