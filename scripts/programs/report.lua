-- Makes wrk end with one line of JSON: what was answered, what failed, and how long it took.
function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    'JSON {"requests": %d, "micros": %d, "failed": %d, "refused": %d, "p50": %d, "p99": %d}',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50), latency:percentile(99)))
end
