-- Asks for older pages, each from another moment on: none of them is kept.
-- Arguments: the path, with %s where the name of one of the first users goes, how many these are,
-- and the two moments between which to begin, in unix seconds.
require "report"

local path, users, first, last

function init(args)
  path, users, first, last = args[1], tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
end

function request()
  local name = string.format("user_%05d", math.random(users))
  return wrk.format(nil, string.format(path, name) .. "?before=" .. math.random(first, last) .. "-1")
end
