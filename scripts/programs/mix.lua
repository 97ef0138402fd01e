-- Nine reads to one posted message, as people and programs mix them: the public timeline, users'
-- pages, a reader's own timeline, and the simulator's lists. Whatever is kept is out of date soon.
-- Arguments: the first `latest`, the reader's cookie, and "/" to ask the bare server instead.
require "report"

local latest, path, api, home, posting
local page = {}

local function add(headers, more)
  for name, value in pairs(more) do headers[name] = value end
  return headers
end

function init(args)
  latest, path = tonumber(args[1]), args[3]
  local authorization = wrk.headers["Authorization"]
  wrk.headers["Authorization"] = nil
  add(page, wrk.headers)
  api = add({Authorization = authorization}, wrk.headers)
  home = add({Cookie = args[2]}, wrk.headers)
  posting = add({["Content-Type"] = "application/json"}, api)
end

local function read(name)
  local which = latest % 10
  if which <= 2 then return wrk.format("GET", "/public", page) end
  if which <= 4 then return wrk.format("GET", "/" .. name, page) end
  if which == 5 then return wrk.format("GET", "/", home) end
  if which == 6 then return wrk.format("GET", "/msgs?no=100", api) end
  if which <= 8 then return wrk.format("GET", "/msgs/" .. name .. "?no=100", api) end
  return wrk.format("GET", "/fllws/" .. name, api)
end

function request()
  latest = latest + 1
  local name = string.format("user_%05d", latest * 7919 % 8996 + 1)
  if latest % 10 == 0 then
    local body = string.format('{"content": "message %d of a mix, as long as messages are"}', latest)
    return wrk.format("POST", path or "/msgs/" .. name .. "?latest=" .. latest, posting, body)
  end
  return path and wrk.format("GET", path, page) or read(name)
end
