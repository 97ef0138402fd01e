//! What Postgres tells the server, and the server nobody.

use crate::support::{Simulator, TestServer, eventually};

#[test]
fn a_row_that_postgres_quotes_is_not_in_the_log() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    server.sql().execute("ALTER TABLE message ADD CONSTRAINT polite CHECK (text <> 'secret')");
    simulator.says("ada", "secret").expect(500);
    eventually("a word about the constraint", || server.log().contains("polite").then_some(()));
    assert!(!server.log().contains("secret"), "{}", server.log());
}
