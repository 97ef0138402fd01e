//! What an orchestrator asks.

use crate::support::{Launch, Simulator, Visitor};

#[test]
fn both_probes_are_plain_and_not_to_be_kept() {
    let server = Launch::new().start();
    for path in ["/livez", "/readyz"] {
        let answer = Visitor::to(&server).get(path).expect(200);
        assert!(answer.header("content-type").starts_with("text/plain"), "{answer}");
        assert_eq!(answer.header("cache-control"), "no-store", "{answer}");
        Simulator::of(&server).register(&path[1..]).expect(400);
    }
}
