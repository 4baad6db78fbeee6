-- One new call a request: token, key, number and place. Also what the bare baseline is sent.
local drawn, count = tostring(os.time()), 0
local token = os.getenv("TOKEN") or ""

function init(_)
  math.randomseed(tonumber(tostring({}):match("0x(%x+)"):sub(-6), 16))
  drawn = tostring(math.random(1, 1e9))
end

function request()
  count = count + 1
  local headers = {
    ["Content-Type"] = "application/json",
    ["Authorization"] = "Bearer " .. token,
    ["Idempotency-Key"] = drawn .. "-" .. count,
  }
  local number = string.format("+62812%08d", (count * 7919) % 100000000)
  local body = '{"regency":"99.92","channel":"telephone","number":"' .. number
    .. string.format('","caller_location":{"lat":%.5f,"lon":%.5f,"uncertainty_m":500}}',
      -6.25 + math.random() / 10, 127.55 + math.random() / 10)
  return wrk.format("POST", "/v1/calls", headers, body)
end
