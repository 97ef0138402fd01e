//! Postgres stops, restarts or hangs: nobody waits for long, nobody is told a lie, and it goes on
//! by itself.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{
    Answer, Cluster, Launch, PATIENCE, Simulator, TestServer, Visitor, eventually,
};

/// What may pass for "within a second" on a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(5);

fn server_on(cluster: &Cluster) -> TestServer {
    Launch::new().database(cluster.new_database()).start()
}

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer}");
    assert!(!answer.header("retry-after").is_empty(), "{answer}");
}

/// What a client was told of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Stored,
    NotStored,
    Unknown,
}

/// Clients that post all the time.
struct Traffic<'a> {
    server: &'a TestServer,
    told: Mutex<Vec<(String, Told)>>,
    stored: AtomicUsize,
    slowest: Mutex<Duration>,
}

impl<'a> Traffic<'a> {
    /// Posts from eight clients while something happens, and then compares what they were told
    /// with what is stored.
    fn during(server: &'a TestServer, act: impl FnOnce(&Self)) {
        Simulator::of(server).register("ada").expect(204);
        let traffic = Self {
            server,
            told: Mutex::default(),
            stored: AtomicUsize::new(0),
            slowest: Mutex::default(),
        };
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for client in 0..8 {
                let (traffic, over) = (&traffic, &over);
                scope.spawn(move || traffic.post(client, over));
            }
            act(&traffic);
            over.store(true, Ordering::Relaxed);
        });
        traffic.compare();
    }

    fn post(&self, client: usize, over: &AtomicBool) {
        let simulator = Simulator::of(self.server);
        for n in 0.. {
            if over.load(Ordering::Relaxed) {
                return;
            }
            let text = format!("{client}: {n}");
            let begun = Instant::now();
            let answer = simulator.post("/msgs/ada?latest=1", &json!({"content": text}));
            let mut slowest = self.slowest.lock().unwrap();
            *slowest = begun.elapsed().max(*slowest);
            drop(slowest);
            let told = match answer.status {
                204 => Told::Stored,
                _ if answer.text().contains("nothing was stored") => Told::NotStored,
                _ => Told::Unknown,
            };
            if told == Told::Stored {
                self.stored.fetch_add(1, Ordering::Relaxed);
            } else {
                assert_unavailable(&answer);
                // A client that heeds it would wait for a second.
                thread::sleep(Duration::from_millis(20));
            }
            self.told.lock().unwrap().push((text, told));
        }
    }

    /// Waits until a hundred more messages are stored.
    fn flows(&self) {
        let before = self.stored.load(Ordering::Relaxed);
        eventually("messages to be stored again", || {
            (self.stored.load(Ordering::Relaxed) > before + 100).then_some(())
        });
    }

    fn compare(&self) {
        let rows = self.server.sql().rows("SELECT text FROM message");
        let stored: std::collections::HashSet<String> = rows.into_iter().flatten().collect();
        let told = self.told.lock().unwrap();
        let mut unknown = 0;
        for (text, told) in told.iter() {
            match told {
                Told::Stored => assert!(stored.contains(text), "{text} is lost"),
                Told::NotStored => assert!(!stored.contains(text), "{text} is stored after all"),
                Told::Unknown => unknown += 1,
            }
        }
        let slowest = self.slowest.lock().unwrap();
        println!("{} told, {unknown} uncertain, slowest {slowest:?}", told.len());
        assert!(*slowest < SOON, "somebody waited for {slowest:?}");
    }
}

#[test]
fn nothing_is_lost_or_invented_when_postgres_restarts_again_and_again() {
    let cluster = Cluster::start("fsync = on");
    let server = server_on(&cluster);
    Traffic::during(&server, |traffic| {
        for mode in ["fast", "immediate", "fast", "immediate"] {
            traffic.flows();
            cluster.stop(mode);
            thread::sleep(Duration::from_millis(300));
            cluster.resume();
        }
        traffic.flows();
    });
}

#[test]
fn nothing_is_lost_or_invented_when_postgres_hangs() {
    let cluster = Cluster::start("");
    let server = server_on(&cluster);
    Traffic::during(&server, |traffic| {
        for hang in [200, 1_000, 3_000] {
            traffic.flows();
            cluster.signal("STOP");
            thread::sleep(Duration::from_millis(hang));
            cluster.signal("CONT");
        }
        traffic.flows();
    });
}

#[test]
fn sessions_that_are_ended_one_by_one_are_no_trouble_for_long() {
    let cluster = Cluster::start("");
    let server = server_on(&cluster);
    let end_one = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE application_name = 'minitwit' ORDER BY random() LIMIT 1";
    Traffic::during(&server, |traffic| {
        for _ in 0..20 {
            cluster.psql("postgres", end_one);
            thread::sleep(Duration::from_millis(30));
        }
        traffic.flows();
    });
}

/// Every kind of request fails soon, and says that it is worth trying again.
fn nobody_waits(server: &TestServer, ada: &Visitor) {
    let simulator = Simulator::of(server);
    let requests: [&dyn Fn() -> Answer; 8] = [
        &|| Visitor::to(server).get("/public"),
        &|| ada.get("/"),
        &|| ada.send("/add_message", &[("text", "hello?")]),
        &|| Visitor::to(server).get("/ada"),
        &|| Visitor::to(server).send("/login", &[("username", "ada"), ("password", "x")]),
        &|| simulator.get("/msgs?latest=3"),
        &|| simulator.follow("ada", "ada"),
        &|| simulator.get("/latest"),
    ];
    for request in requests {
        let begun = Instant::now();
        let answer = request();
        assert!(begun.elapsed() < SOON, "{:?}: {answer}", begun.elapsed());
        assert_unavailable(&answer);
    }
    let visitor = Visitor::to(server);
    visitor.get("/livez").expect(200);
    let answer = visitor.get("/readyz");
    assert_unavailable(&answer);
    assert_eq!(answer.text(), "the database does not answer\n");
    visitor.get("/static/style.css").expect(200);
    #[cfg(feature = "metrics")]
    {
        let begun = Instant::now();
        let metrics = crate::support::Operator::of(server).metrics();
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        assert_eq!(metrics.sum("minitwit_database_up", &[]), 0.0);
        assert!(metrics.sum("minitwit_database_failures_total", &[]) > 0.0, "{}", metrics.0);
    }
}

fn all_is_well_again(server: &TestServer, ada: &Visitor) {
    eventually("the server to be ready", || {
        (Visitor::to(server).get("/readyz").status == 200).then_some(())
    });
    eventually("messages to be posted", || {
        (ada.send("/add_message", &[("text", "back")]).status == 302).then_some(())
    });
    assert!(Visitor::to(server).page("/public").expect(200).shows("back"));
}

#[test]
fn while_postgres_is_stopped_nobody_waits() {
    let cluster = Cluster::start("");
    let server = server_on(&cluster);
    let ada = Visitor::signed_in(&server, "ada");
    cluster.stop("fast");
    nobody_waits(&server, &ada);
    cluster.resume();
    all_is_well_again(&server, &ada);
}

#[test]
fn while_postgres_hangs_nobody_waits() {
    let cluster = Cluster::start("");
    let server = server_on(&cluster);
    let ada = Visitor::signed_in(&server, "ada");
    cluster.signal("STOP");
    nobody_waits(&server, &ada);
    cluster.signal("CONT");
    all_is_well_again(&server, &ada);
}

#[test]
fn a_server_stops_in_time_while_postgres_hangs() {
    let cluster = Cluster::start("");
    let mut server = server_on(&cluster);
    cluster.signal("STOP");
    assert_eq!(server.terminate().code(), Some(0));
    cluster.signal("CONT");
}

#[test]
fn a_postgres_that_comes_late_is_waited_for_with_a_message() {
    let cluster = Cluster::start("");
    let database = cluster.new_database();
    cluster.stop("fast");
    let launch = Launch::new().database(database).variable("MINITWIT_DATABASE_WAIT", "60");
    let starting = thread::spawn(move || launch.start());
    thread::sleep(Duration::from_millis(500));
    cluster.resume();
    let begun = Instant::now();
    let server = starting.join().unwrap();
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    Visitor::to(&server).page("/public").expect(200);
    assert!(server.log().contains("waiting for it, up to 60 s"), "{}", server.log());
}
