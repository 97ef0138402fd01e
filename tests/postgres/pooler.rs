//! PgBouncer in transaction mode hands every statement to another session: we say so at start.

use std::fs;
use std::process::{Child, Command, Stdio};

use crate::support::{Cluster, as_user, eventually, free_port, run};

/// A running PgBouncer.
struct Pooler(Child);

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn behind_a_pooler_we_say_why_not() {
    let cluster = Cluster::shared();
    let url = cluster.new_database();
    let database = url.rsplit('/').next().unwrap();
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    for lenient in ["", "ignore_startup_parameters = options"] {
        let port = free_port();
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\npool_mode = transaction\nauth_type = any\nunix_socket_dir =\n\
             {lenient}\n[databases]\n{database} = host=127.0.0.1 port={} user=postgres\n",
            cluster.port(),
            cluster.port()
        );
        let path = cluster.folder().join(format!("pgbouncer-{port}.ini"));
        fs::write(&path, settings).unwrap();
        let mut command = as_user("pgbouncer");
        command.arg(&path).stdout(Stdio::null()).stderr(Stdio::null());
        let pooler = Pooler(command.spawn().expect("is pgbouncer installed?"));
        let url = format!("postgres://postgres@127.0.0.1:{port}/{database}");
        eventually("the pooler to let us through", || {
            let psql =
                Command::new(crate::support::tool("psql")).args(["-c", "SELECT 1", &url]).output();
            psql.unwrap().status.success().then_some(())
        });
        for command in ["init-db", "serve"] {
            let variables = [
                ("DATABASE_URL", url.as_str()),
                ("RUST_LOG", "error"),
                ("MINITWIT_METRICS_LISTEN", "127.0.0.1:0"),
                ("MINITWIT_LISTEN", "127.0.0.1:0"),
            ];
            let output = run(folder.path(), &[command, "--database-wait", "0"], &variables);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{command} {lenient}: {said}");
            assert!(said.contains("pooler"), "{command} {lenient}: {said}");
        }
        drop(pooler);
    }
}
