-- People, not a flood: each of wrk's connections pauses 10 to 30 ms between its requests.
require "report"

function delay()
  return math.random(10, 30)
end
