// One scenario from its first process to its last: what was sent and received, and what became of the
// gateway.
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuPercent, SECRET, startGateway } from './gateway.mjs'
import { createLoad } from './load.mjs'
import { requestsOf } from './requests.mjs'
import { startTarget } from './targets.mjs'
import { createUsers } from './users.mjs'

const TARGETS = 3
/** Shorter than usual, so that all that can happen happens within a scenario. */
const FLAGS = Object.entries({
  'timeouts-connect-ms': 2_000,
  'timeouts-response-headers-ms': 2_000,
  'timeouts-idle-body-ms': 3_000,
  'timeouts-upstream-keep-alive-ms': 2_000,
}).flatMap(([name, value]) => [`--${name}`, String(value)])

const WARM_SECONDS = 2
const PATIENCE_MS = 10_000
const TIDY_MS = 6_000
const FAULT_AT = 0.25
const HEAL_AT = 0.6

/** Runs a scenario; gives the requests, the ledgers of the targets, the times and the gateway's state. */
export const runScenario = async (processes, scenario, { seconds, ratePerSecond }) => {
  const { name, flags = [] } = scenario
  const targets = await Promise.all(
    Array.from({ length: TARGETS }, (_, i) => startTarget(processes, `${name}-${i}`)),
  )
  const gateway = await startGateway(processes, {
    name,
    targets: targets.map(({ url }) => url),
    flags: [...FLAGS, ...flags],
  })
  const users = createUsers(SECRET)
  const load = createLoad({
    port: gateway.port,
    requestOf: requestsOf(name, users),
    ratePerSecond,
    patienceMs: PATIENCE_MS,
  })

  const fresh = gateway.usage()
  await load.warmUp(WARM_SECONDS)
  const running = load.run(seconds)
  const times = await disturb(scenario, { targets, events: gateway.events }, { seconds, gateway })
  await running
  load.close()
  const { idle, later } = await calmDown(gateway, fresh)
  const events = gateway.events()
  const exit = await gateway.stop()
  for (const target of targets) await target.kill()

  const { before, atFault, atHeal } = times
  return {
    scenario,
    ...times,
    requests: load.requests,
    ledgers: targets.map((target) => target.ledger()),
    events,
    process: {
      cpuBefore: cpuPercent(before, atFault),
      cpuUnderFault: cpuPercent(atFault, atHeal),
      cpuIdle: cpuPercent(idle, later),
      descriptorsLeft: later.descriptors - fresh.descriptors,
      megabytes: later.megabytes,
      exit,
    },
  }
}

/** Lets the fault happen and undoes it; gives when, on the clock of the requests. */
const disturb = async ({ fault, heal }, setting, { seconds, gateway }) => {
  const startMs = performance.now()
  const at = (share) => sleep(Math.max(startMs + share * seconds * 1_000 - performance.now(), 0))
  await at(FAULT_AT / 2)
  const before = gateway.usage()
  await at(FAULT_AT)
  const atFault = gateway.usage()
  const faultMs = performance.now()
  await fault(setting)
  await at(HEAL_AT)
  const atHeal = gateway.usage()
  const healedMs = (await heal(setting)) ?? performance.now()
  return { startMs, faultMs, healedMs, before, atFault, atHeal }
}

/** Waits until the connections to the targets are gone too, and watches an idle gateway for a second. */
const calmDown = async (gateway, fresh) => {
  const untilMs = performance.now() + TIDY_MS
  while (performance.now() < untilMs && gateway.usage().descriptors > fresh.descriptors) {
    await sleep(100)
  }
  const idle = gateway.usage()
  await sleep(1_000)
  return { idle, later: gateway.usage() }
}
