use std::collections::BTreeMap;

use super::exchange::{agent, exchange};
use super::{Answer, TestServer, eventually};

/// The listener for operators.
pub struct Operator(String);

impl Operator {
    /// Finds it as an operator does, in the log.
    #[track_caller]
    pub fn of(server: &TestServer) -> Self {
        Self(eventually("the address of the metrics", || {
            let log = server.log();
            let at = log.find("metrics are at http://")? + "metrics are at ".len();
            log[at..].split_once("/metrics").map(|(url, _)| url.to_owned())
        }))
    }

    /// One GET.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        exchange(&agent(), "GET", &format!("{}{path}", self.0), &[], None)
    }

    /// All metrics as they are now.
    #[track_caller]
    pub fn metrics(&self) -> Metrics {
        Metrics(self.get("/metrics").expect(200).text())
    }
}

/// Metrics in Prometheus' text format.
pub struct Metrics(pub String);

/// One line of them.
#[derive(Debug, PartialEq)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

impl Metrics {
    /// The sum of all samples of that name with these labels, and perhaps others; `None` if
    /// there is none.
    pub fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let fits = |sample: &Sample| {
            let has = |(label, value): &(&str, &str)| {
                sample.labels.get(*label).is_some_and(|own| own == value)
            };
            sample.name == name && labels.iter().all(has)
        };
        let values: Vec<_> = self.samples().into_iter().filter(fits).map(|s| s.value).collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }

    /// As [`Metrics::find`], and 0 if there is none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.find(name, labels).unwrap_or(0.0)
    }

    /// Every sample. None of our labels holds a comma or a quotation mark.
    pub fn samples(&self) -> Vec<Sample> {
        self.0.lines().filter(|line| !line.starts_with('#')).map(sample).collect()
    }

    /// Names and types.
    pub fn types(&self) -> BTreeMap<String, String> {
        let lines = self.0.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        lines.filter_map(|line| line.split_once(' ')).map(|(n, t)| (n.into(), t.into())).collect()
    }
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let pairs = labels.trim_end_matches('}').split(',').filter_map(|pair| pair.split_once('='));
    let labels = pairs.map(|(label, value)| (label.into(), value.trim_matches('"').into()));
    Sample { name: name.into(), labels: labels.collect(), value: value.parse().unwrap() }
}
