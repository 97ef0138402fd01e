//! What the system says of this process, under the names that Prometheus gives it everywhere.

use std::fs;
use std::time::UNIX_EPOCH;

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

use super::instruments::{OptionalGauge, Registry, Seconds};

/// Numbers that are looked up when somebody asks. Where there is no `/proc` they are absent.
pub(crate) struct Process {
    cpu: Seconds,
    resident: OptionalGauge,
    virtual_memory: OptionalGauge,
    memory_limit: OptionalGauge,
    open_files: OptionalGauge,
    max_files: OptionalGauge,
    threads: OptionalGauge,
    started: OptionalGauge,
    /// Unix seconds; this is made when the process starts, and the system may hide its own word.
    began: Option<i64>,
}

impl Process {
    pub(crate) fn new(r: &Registry) -> Self {
        let gauge = |name, help| r.optional_gauge(name, help);
        Self {
            cpu: r.seconds("process_cpu_seconds_total", "Processor time used, in seconds."),
            resident: gauge("process_resident_memory_bytes", "Memory in use."),
            virtual_memory: gauge("process_virtual_memory_bytes", "Address space in use."),
            memory_limit: gauge("memory_limit_bytes", "Memory that the process may use."),
            open_files: gauge("process_open_fds", "Open files, connections among them."),
            max_files: gauge("process_max_fds", "How many files may be open."),
            threads: gauge("process_threads", "Threads."),
            started: gauge("process_start_time_seconds", "When the process started."),
            began: UNIX_EPOCH.elapsed().ok().and_then(|since| bytes(since.as_secs())),
        }
    }

    /// Looks everything up.
    pub(crate) fn look(&self) {
        if let Some(stat) = Stat::read() {
            self.cpu.set(stat.cpu_ticks as f64 / clock_ticks_per_second() as f64);
            self.resident.set(bytes(stat.resident_pages.saturating_mul(page_size() as u64)));
            self.virtual_memory.set(bytes(stat.virtual_bytes));
            self.threads.set(bytes(stat.threads));
        }
        self.started.set(self.began);
        self.open_files.set(fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as i64));
        self.max_files.set(getrlimit(Resource::Nofile).current.and_then(bytes));
        self.memory_limit.set(memory_limit().and_then(bytes));
    }
}

/// What is needed of `/proc/self/stat` (proc_pid_stat(5)).
struct Stat {
    cpu_ticks: u64,
    threads: u64,
    virtual_bytes: u64,
    resident_pages: u64,
}

impl Stat {
    fn read() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/self/stat").ok()?)
    }

    /// The name of the program, the second field, may hold blanks and brackets.
    fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // Counted as the manual does, which calls the first one after the name the third.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self {
            cpu_ticks: field(14)? + field(15)?,
            threads: field(20)?,
            virtual_bytes: field(23)?,
            resident_pages: field(24)?,
        })
    }
}

/// The limit of the container or the service, if there is one, else the memory of the machine.
fn memory_limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limit = fs::read_to_string(format!("/sys/fs/cgroup{}/memory.max", own_group(&groups)));
    limit.ok().and_then(|text| text.trim().parse().ok()).or_else(|| {
        let machine = fs::read_to_string("/proc/meminfo").ok()?;
        Some(number_after(&machine, "MemTotal:")? * 1024)
    })
}

/// The path of the group in a `/proc/self/cgroup` (cgroups(7), version 2).
fn own_group(groups: &str) -> &str {
    groups.lines().find_map(|line| line.strip_prefix("0::")).map_or("", |path| path.trim_end())
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

fn bytes(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_be_called_as_it_likes() {
        let stat = "17 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 4096 21 22";
        let stat = Stat::parse(stat).unwrap();
        assert_eq!((stat.cpu_ticks, stat.threads), (11 + 12, 17));
        assert_eq!((stat.virtual_bytes, stat.resident_pages), (4096, 21));
        assert!(Stat::parse("17 (a) S 1 2").is_none());
    }

    #[test]
    fn a_number_is_found_by_its_name() {
        assert_eq!(number_after("MemFree: 1 kB\nMemTotal:   2048 kB\n", "MemTotal:"), Some(2048));
        assert_eq!(number_after("", "MemTotal:"), None);
    }

    #[test]
    fn a_service_knows_its_group() {
        let groups = "1:name=systemd:/init\n0::/system.slice/minitwit.service\n";
        assert_eq!(own_group(groups), "/system.slice/minitwit.service");
        assert_eq!(own_group(""), "");
    }
}
