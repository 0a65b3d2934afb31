-- One limit for a fleet: settle what a process has used, and lease it a rate for its next period.
--
-- KEYS[1]: a hash. Its field `pool` has the buckets of the service; a field `m:<id>` is a process of the fleet. Both are packed.
-- ARGV[1]: the report of a process, as JSON (`FleetReport` in policy/fleet_share.py). The answer is JSON too (`FleetGrant`).
--
-- A bucket's `level` is what the service would have left if every request under way had been charged, and no lease had been used. A lease is
-- a rate from the moment of its grant, so `free` is the level without what the leases may have used by now. Redis' own clock is the only
-- one: a process reports durations.
--
-- A Redis that was emptied, or away for longer than the leases, does not know who goes on without it, but the processes know what they had.
-- So a report of one that has heard of a fleet which is not here begins a gathering: until as many have come as there were, or for `GATHER`
-- seconds, nobody is leased more than its part was (`steady`), and the buckets are as the service's last replies say.

local KEEP = 3600        -- how long the hash outlives its last use, in seconds: then every bucket is full again
local DRAIN = 10         -- a surplus above the reserve is leased in so many seconds: longer than a lease, or it would swing
local GAIN = 0.15        -- the weight of one reply's figure against the sum of what the processes reported
local FAR = 0.25         -- a figure that is off by more than this share of a bucket is taken as it is: others use the key, too
local FRESH = 1          -- a figure that is older, in seconds, is only taken where there is no other
local RESERVE = 0.0025   -- the share of a bucket that is not leased, beside its largest request
local LASTING = 0.98     -- how much of what is known of the use of leases stays at each report
local RECENT = 0.3       -- the weight of the last report in what a process usually wants
local UNUSED = 0.2       -- the most of the leases that is taken to stay unused, and so is leased once more
local GATHER = 11         -- after Redis was away, so many seconds are waited for the others: longer than the longest lease

local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local report = cjson.decode(ARGV[1])
local field = 'm:' .. report.id

local pool, members = nil, {}
local raw = redis.call('HGETALL', KEYS[1])
for i = 1, #raw, 2 do
  if raw[i] == 'pool' then
    pool = cmsgpack.unpack(raw[i + 1])
  else
    members[raw[i]] = cmsgpack.unpack(raw[i + 1])
  end
end
pool = pool or {buckets = {}, hold = 0, known = false, asked = 0, first = now}
local mine = members[field]
if mine and mine.seq == report.seq then
  return mine.answer -- sent again, because its connection broke
end

-- ── time passes ─────────────────────────────────────────────────────────────

local function used(member, name) -- what a lease may have used by now
  return (member.rates[name] or 0) * math.min(now - member.at, member.period)
end

local function close(name, amount) -- book an amount as used
  if pool.buckets[name] then
    pool.buckets[name].level = pool.buckets[name].level - amount
  end
end

local count, others = 0, 0
for each, member in pairs(members) do
  if member.ends < now and each ~= field then -- it died: what it was leased counts as used
    for name, _ in pairs(pool.buckets) do
      close(name, used(member, name))
    end
    members[each] = nil
    redis.call('HDEL', KEYS[1], each)
  else
    count = count + 1
    others = others + (each ~= field and 1 or 0)
  end
end

if report.alone or (report.members > 1 and not mine) then
  if others == 0 then
    pool.gathered, pool.expected = now + GATHER, report.members
  end
  pool.expected = math.max(pool.expected or 0, report.members)
end

local gathering = now < (pool.gathered or 0)

for name, bucket in pairs(pool.buckets) do
  local leased, held = 0, 0
  for each, member in pairs(members) do
    leased = leased + (each ~= field and used(member, name) or 0)
    held = held + (member.held[name] or 0)
  end
  bucket.level = math.min(bucket.limit + leased - held, bucket.level + bucket.fill * math.max(0, now - bucket.at))
  bucket.at = now
end

-- ── the report: used, under way, and what the service said ──────────────────

for name, each in pairs(report.limits) do
  local bucket = pool.buckets[name]
  if bucket then
    local before, used_now = 0, 0 -- of a process that is not known, what it used while nobody counted is in the service's figure
    if mine then
      before, used_now = mine.held[name] or 0, each.used
      if mine.seq > report.heard then -- it did not hear the last answer, and so reports again what that report had
        used_now = used_now - (mine.used[name] or 0)
      end
    end
    bucket.level = bucket.level + before - each.held - used_now
    if mine then
      bucket.given = LASTING * (bucket.given or 0) + used(mine, name)
      bucket.taken = LASTING * (bucket.taken or 0) + math.max(0, used_now + each.held - before)
    end
  end
  if each.remaining and (not bucket or each.age < FRESH) then
    local leased, held = 0, each.held
    for other, member in pairs(members) do
      if other ~= field then
        leased = leased + used(member, name)
        held = held + (member.held[name] or 0)
      end
    end
    if not bucket then
      bucket = {limit = each.limit, fill = each.fill or each.limit / 60, level = each.remaining - held + leased, at = now}
      pool.buckets[name] = bucket
    else
      if each.limit ~= bucket.limit then
        bucket.limit, bucket.fill = each.limit, each.fill or each.limit / 60
      elseif each.fill then
        bucket.fill = bucket.fill + 0.1 * (each.fill - bucket.fill)
      end
      local off = each.remaining - (bucket.level - leased + held)
      local sure = gathering or report.hold > 0 or math.abs(off) > FAR * bucket.limit
      bucket.level = bucket.level + off * (sure and 1 or GAIN)
    end
  end
end
pool.known = pool.known or report.known
if report.hold > 0 then
  pool.hold = math.max(pool.hold, now + report.hold)
end

if report.leaving then
  redis.call('HDEL', KEYS[1], field)
  members[field] = nil
else
  mine = {
    at = now, seq = report.seq, tenant = report.tenant, weight = report.weight, period = report.period,
    ends = now + report.period * 1.5 + 2, held = {}, used = {}, wants = {}, rates = {}, largest = {},
    places = report.places, busy = report.busy, waiting = report.waiting,
    given = mine and mine.given or 0, usual = mine and mine.usual or {},
  }
  for name, each in pairs(report.limits) do
    mine.usual[name] = (mine.usual[name] or each.wants) + RECENT * (each.wants - (mine.usual[name] or each.wants))
    mine.held[name], mine.used[name], mine.wants[name], mine.largest[name] = each.held, each.used, each.wants, each.largest
  end
  count = members[field] and count or count + 1
  members[field] = mine
end

-- ── fair shares: weighted max-min, between tenants and then between their processes ──

local function fill_up(amount, demands) -- demands: key to {wants, weight}; returns key to share
  local shares, open, weights = {}, {}, 0
  for key, each in pairs(demands) do
    open[key], weights = each, weights + each.weight
  end
  local settled = true
  while settled and weights > 0 do
    settled = false
    local each_gets = amount / weights
    for key, each in pairs(open) do
      if each.wants <= each_gets * each.weight then
        shares[key], open[key], settled = each.wants, nil, true
        amount, weights = amount - each.wants, weights - each.weight
      end
    end
  end
  for key, each in pairs(open) do
    shares[key] = amount / weights * each.weight
  end
  if next(open) == nil and amount > 0 then -- nobody wants the rest now: it is everybody's headroom
    weights = 0
    for _, each in pairs(demands) do
      weights = weights + each.weight
    end
    for key, each in pairs(demands) do
      shares[key] = shares[key] + amount * each.weight / weights
    end
  end
  return shares
end

local function share_of_mine(amount, wants) -- wants: a member to what it wants
  local tenants = {}
  for each, member in pairs(members) do
    local tenant = tenants[member.tenant] or {wants = 0, weight = 0, of = {}}
    tenant.wants = tenant.wants + wants(member)
    tenant.weight = math.max(tenant.weight, member.weight)
    tenant.of[each] = {wants = wants(member), weight = 1}
    tenants[member.tenant] = tenant
  end
  local shares = fill_up(amount, tenants)
  return fill_up(shares[mine.tenant], tenants[mine.tenant].of)[field] or 0
end

-- ── the grant ───────────────────────────────────────────────────────────────

if gathering and count >= pool.expected then
  gathering, pool.gathered = false, 0
end
local answer = {members = math.max(count, gathering and pool.expected or 0), hold = math.max(0, pool.hold - now), known = pool.known, limits = {}}
if not report.leaving then
  for name, bucket in pairs(pool.buckets) do
    local leased, largest = 0, 0
    for each, member in pairs(members) do
      leased = leased + (each ~= field and used(member, name) or 0)
      largest = math.max(largest, member.largest[name] or 0)
    end
    local wants = function(member) return member.wants[name] or 0 end
    local surplus = bucket.level - leased - RESERVE * bucket.limit - largest
    local taken = bucket.given and bucket.given > 0 and bucket.taken / bucket.given or 1
    local capacity = math.max(0, bucket.fill / math.max(1 - UNUSED, math.min(1, taken)) + surplus / DRAIN)
    local rate = share_of_mine(capacity, wants)
    local steady = share_of_mine(bucket.fill, function(member) return member.usual[name] or 0 end)
    local each = report.limits[name] or {}
    if gathering or report.alone then -- others may go on as they did, too, and are not here yet
      steady = math.min(steady, each.steady or bucket.fill / math.max(count, pool.expected))
      rate = math.min(rate, steady * math.min(1, capacity / bucket.fill))
    end
    local satisfied = rate >= (mine.wants[name] or 0)
    local at_once = 0
    if capacity > 0 and not gathering and not report.alone then
      -- Who wants less than its share need not wait until its lease has come to what it lacks: that is what the reserve is for, too.
      local most = satisfied and (bucket.level - leased) / 2 or surplus / 2 * rate / capacity
      at_once = math.max(0, math.min(each.short or 0, most))
    end
    bucket.level = bucket.level - at_once
    mine.held[name] = (mine.held[name] or 0) + at_once
    mine.rates[name] = rate
    answer.limits[name] = {rate = rate, steady = steady, at_once = at_once, wanted = satisfied}
  end
  if not pool.known then -- nothing is known of the limits: a few requests find out, twice as many each second
    local allowed = math.min(1000000, 2 ^ math.min(20, math.floor(now - pool.first)))
    local asked = math.max(0, math.min(report.waiting, allowed - pool.asked))
    pool.asked = pool.asked + asked
    answer.asked = asked
  end
  if report.places > 0 then -- places for requests under way: a stock, of which nobody may take what another has not given back
    local others = 0
    for each, member in pairs(members) do
      others = others + (each ~= field and member.given or 0)
    end
    local fair = share_of_mine(report.places, function(member) return member.busy + member.waiting end)
    if fair < 1 then -- more processes than places: each has one some of the time
      fair = math.floor(fair + now * 1000 % 1)
    end
    mine.given = math.max(report.busy, math.min(math.ceil(fair - 0.000001), report.places - others))
    answer.places = mine.given
  end
  mine.answer = cjson.encode(answer)
  redis.call('HSET', KEYS[1], field, cmsgpack.pack(mine))
end

redis.call('HSET', KEYS[1], 'pool', cmsgpack.pack(pool))
redis.call('EXPIRE', KEYS[1], KEEP)
return cjson.encode(answer)
