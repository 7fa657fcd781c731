// wrk, which costs little and is not written in what it measures.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { CORES } from './cpu.mjs'
import { fileOf, startProgram } from './processes.mjs'

export const hasWrk = () => spawnSync('wrk', ['-v']).error === undefined

/** Sends a request time and again for `seconds`; gives what `parseWrk` does. */
export const runWrk = async (port, { request, connections, seconds }) => {
  const script = fileOf('load.lua')
  writeFileSync(script, scriptOf(request))
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script]
  const child = startProgram('wrk', [...args, `http://127.0.0.1:${port}${request.path}`], {
    core: CORES.others,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`wrk ended with ${code}: ${output}`)
  return parseWrk(output)
}

/** The last line of its output, which our script has written: what was answered, and what went wrong. */
export const parseWrk = (output) => {
  const line = output.trimEnd().split('\n').at(-1)
  if (!line.startsWith('{')) throw new Error(`wrk did not say what it did: ${output}`)
  const { requests, microseconds, refused, errors, used } = JSON.parse(line)
  return { answered: requests, refused, broken: errors, seconds: microseconds / 1e6, used }
}

const scriptOf = ({ method = 'GET', token, tokens, bodyBytes = 0 }) => `
wrk.method = "${method}"
${token ? `wrk.headers["Authorization"] = "Bearer ${token}"` : ''}
${bodyBytes > 0 ? `wrk.body = string.rep("x", ${bodyBytes})` : ''}
${tokens ? perTokenScript(tokens) : ''}
function done(summary)
  local errors = summary.errors
  io.write(string.format('\\n{"requests":%d,"microseconds":%d,"refused":%d,"errors":%d,"used":%d}\\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    lane and lane:get("used") or 0))
end
`

// Every request shows the next token of the file; behind the last one there is none to show.
const perTokenScript = ({ file, length, from }) => `
function setup(thread) lane = thread end
used = 0
function init()
  tokens = io.open("${file}", "r")
  tokens:seek("set", ${from * (length + 1)})
  head = "GET " .. wrk.path .. " HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nAuthorization: Bearer "
end
function request()
  used = used + 1
  return head .. (tokens:read("*l") or "") .. "\\r\\n\\r\\n"
end
`
