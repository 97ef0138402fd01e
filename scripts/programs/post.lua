-- Posts messages as the course's simulator does, each by another user and with its own `latest`.
-- Arguments: the first `latest`, and "/" to post to the bare server instead.
require "report"

local latest, path

function init(args)
  latest, path = tonumber(args[1]), args[2]
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  latest = latest + 1
  local author = latest * 7919 % 8996 + 1
  local target = path or string.format("/msgs/user_%05d?latest=%d", author, latest)
  local body = string.format('{"content": "message %d of a load, as long as messages are"}', latest)
  return wrk.format(nil, target, nil, body)
end
