-- Asks for one user after another: hardly anything that is kept is asked for again.
-- Argument: the path, with %s where the name goes.
require "report"

local path, number

function init(args)
  path, number = args[1], 0
end

function request()
  number = number + 1
  return wrk.format(nil, string.format(path, string.format("user_%05d", number * 7919 % 8996 + 1)))
end
