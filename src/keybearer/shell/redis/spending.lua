-- The account of a budget: reserve, settle, look, restore; each is one step, and comes to the same when it is done twice.
--
-- KEYS[1]: a hash. `id` and `changes` tell an account that has lost something; `latest` is the latest period with a booking.
--   s:<period>            what is spent in a period, as "nanodollars tokens"
--   r:<owner>:<number>    a reservation, as "nanodollars tokens period"
--   d:<owner>:<number>    one of a process that died, which counts as spent until that process says otherwise
--   o:<owner>             until when a process is taken to live, in seconds
--   batches               what stands for batches, as JSON: its id to nanodollars, tokens, the first and the last period in which it
--                         counts, and when it was made, all of them text, for JSON here would round them
-- ARGV[1]: what to do, as JSON. The answer is JSON: what is spent and reserved, and what came of it (`outcome`).

local ALIVE = 60         -- a process that has not been heard of for so long, in seconds, counts as dead
local KEPT = 30 * 86400  -- after so many seconds a batch's results are there no longer

local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local asked = cjson.decode(ARGV[1])
local key = KEYS[1]

local function get(field) return redis.call('HGET', key, field) or nil end
local function set(field, value) redis.call('HSET', key, field, value) end
local function text(nano, tokens) return string.format('%.0f %.0f', nano, tokens) end
local function numbers(value)
  local nano, tokens, period = string.match(value or '0 0', '^(-?%d+) (-?%d+) ?(.*)$')
  return tonumber(nano), tonumber(tokens), period
end

local function book(period, nano, tokens)
  local before_nano, before_tokens = numbers(get('s:' .. period))
  set('s:' .. period, text(before_nano + nano, before_tokens + tokens))
  if period > (get('latest') or '') then
    set('latest', period)
  end
end

local function reserve_more(nano, tokens)
  local before_nano, before_tokens = numbers(get('reserved'))
  set('reserved', text(before_nano + nano, before_tokens + tokens))
end

local function book_both(period, nano, tokens) -- nobody can say which of two periods the service bills
  book(period, nano, tokens)
  if asked.period ~= period then
    book(asked.period, nano, tokens)
  end
end

local function settle_the_dead()
  local all = redis.call('HGETALL', key)
  local ends = {}
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'o:' then
      ends[string.sub(all[i], 3)] = tonumber(all[i + 1])
    end
  end
  for i = 1, #all, 2 do
    local owner, number = string.match(all[i], '^r:(.*):(%d+)$')
    if owner and (ends[owner] or 0) < now then
      local nano, tokens, period = numbers(all[i + 1])
      redis.call('HDEL', key, all[i], 'o:' .. owner)
      set('d:' .. owner .. ':' .. number, all[i + 1])
      reserve_more(-nano, -tokens)
      book_both(period, nano, tokens)
    end
  end
end

local function get_batches() return cjson.decode(get('batches') or '{}') end
local function set_batches(batches)
  if next(batches) then
    set('batches', cjson.encode(batches))
  else
    redis.call('HDEL', key, 'batches')
  end
end

local function add_batch(name, nano, tokens, first, last)
  local batches = get_batches()
  for other, held in pairs(batches) do
    if other == name or tonumber(held[5]) < now - KEPT then -- nobody will say what it cost
      book(held[3], tonumber(held[1]), tonumber(held[2]))
      batches[other] = nil
    end
  end
  batches[name] = {string.format('%.0f', nano), string.format('%.0f', tokens), first, last, string.format('%.0f', now)}
  set_batches(batches)
end

local function settle_batch(name, nano, tokens)
  local batches = get_batches()
  local held = batches[name]
  if held then
    batches[name] = nil
    set_batches(batches)
    local first, last = held[3], held[4]
    local billed = asked.period < last and asked.period or last
    book(first, nano, tokens)
    if billed > first then
      book(billed, nano, tokens)
    end
  end
end

local function reserved()
  local nano, tokens = numbers(get('reserved'))
  if get('batches') then
    for _, held in pairs(get_batches()) do
      if held[3] <= asked.period and asked.period <= held[4] then
        nano, tokens = nano + tonumber(held[1]), tokens + tonumber(held[2])
      end
    end
  end
  return nano, tokens
end

local function answer(outcome)
  local nano, tokens = numbers(get('s:' .. asked.period))
  local reserved_nano, reserved_tokens = reserved()
  return string.format(
    '{"outcome":"%s","id":"%s","changes":%.0f,"latest":"%s","spent":[%.0f,%.0f],"reserved":[%.0f,%.0f]}',
    outcome, get('id') or '', tonumber(get('changes') or '0'), get('latest') or '', nano, tokens, reserved_nano, reserved_tokens
  )
end

-- ── has it lost something? ──────────────────────────────────────────────────

local id = get('id')
if asked.what == 'restore' then
  redis.call('HSET', key, 'id', asked.id, 'restored', '1', 'changes', text(now * 1000, 0):match('^%d+'))
  redis.call('HDEL', key, 'lost')
  set('s:' .. asked.period, text(asked.nano, asked.tokens))
  return answer('done')
end
if not id and asked.id_seen == '' then
  id = asked.id
  redis.call('HSET', key, 'id', id, 'changes', '0')
end
local other = asked.id_seen ~= '' and id ~= asked.id_seen and not get('restored')
local fewer = id == asked.id_seen and tonumber(get('changes') or '0') < asked.changes_seen
if other or fewer then
  set('lost', '1')
end
if get('lost') and asked.what ~= 'settle' then
  return answer('lost')
end
if (get('latest') or '') > asked.latest_seen and asked.what ~= 'settle' then
  return answer('later') -- the period is to be said anew, with the latest one in mind
end

-- ── what was asked for ──────────────────────────────────────────────────────

local outcome = 'done'
if asked.owner ~= '' then
  set('o:' .. asked.owner, string.format('%.0f', now + ALIVE))
end

if asked.what == 'reserve' then
  local field = 'r:' .. asked.owner .. ':' .. asked.number
  local function full()
    local nano, tokens = numbers(get('s:' .. asked.period))
    local reserved_nano, reserved_tokens = reserved()
    return (asked.most_nano >= 0 and nano + reserved_nano + asked.nano > asked.most_nano)
      or (asked.most_tokens >= 0 and tokens + reserved_tokens + asked.tokens > asked.most_tokens)
  end
  if not get(field) then
    if full() then
      settle_the_dead()
    end
    if full() then
      outcome = 'full'
    else
      set(field, text(asked.nano, asked.tokens) .. ' ' .. asked.period)
      reserve_more(asked.nano, asked.tokens)
    end
  end
elseif asked.what == 'settle' then
  for _, each in ipairs(asked.settled) do
    local field = asked.owner .. ':' .. each.number
    local held, dead = get('r:' .. field), get('d:' .. field)
    local batch = each.batch or '' -- a process of an older version says nothing of it
    asked.period = each.period
    if each.number == '' then -- a batch, whichever process has made it
      settle_batch(batch, each.nano, each.tokens)
    elseif held then
      local nano, tokens, period = numbers(held)
      redis.call('HDEL', key, 'r:' .. field)
      reserve_more(-nano, -tokens)
      if batch ~= '' then
        add_batch(batch, nano, tokens, period, each.last)
      else
        book_both(period, each.nano, each.tokens)
      end
    elseif dead then -- it was taken to have died, and has not
      local nano, tokens, period = numbers(dead)
      redis.call('HDEL', key, 'd:' .. field)
      if batch ~= '' then
        book(period, -nano, -tokens)
        add_batch(batch, nano, tokens, period, each.last)
      else
        book(period, each.nano - nano, each.tokens - tokens)
      end
    end
  end
elseif asked.what == 'look' then
  settle_the_dead()
end

redis.call('HINCRBY', key, 'changes', 1)
return answer(outcome)
