//! A bare actix-web server: what the HTTP stack costs when the program does nothing.

use std::io;

use actix_web::http::header::ContentType;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use serde::Deserialize;

/// Serves on a free port, which it prints, until it is told to stop.
pub(crate) async fn serve(bytes: usize) -> io::Result<()> {
    let page = Bytes::from(vec![b'x'; bytes]);
    let server = HttpServer::new(move || {
        let page = page.clone();
        let root = web::resource("/")
            .get(move || constant(page.clone()))
            .post(accept)
            .app_data(web::JsonConfig::default());
        App::new().service(root)
    })
    .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await
}

async fn constant(page: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(page)
}

#[derive(Deserialize)]
struct Posted {
    content: String,
}

async fn accept(posted: web::Json<Posted>) -> HttpResponse {
    if posted.content.is_empty() {
        return HttpResponse::BadRequest().finish();
    }
    HttpResponse::NoContent().finish()
}
