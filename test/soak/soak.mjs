// One run from its first process to its last: what was sent and answered, and what became of the gateway.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readLedgers } from '../faults/figures.mjs'
import { SECRET, startGateway } from '../faults/gateway.mjs'
import { startTarget } from '../faults/targets.mjs'
import { createClient } from '../store-faults/client.mjs'
import { ADMIN_TOKEN } from '../store-faults/gateways.mjs'
import { createAccounts } from './accounts.mjs'
import { createBadTokens } from './bad-tokens.mjs'
import { createLooks, look } from './memory.mjs'
import { createProxied } from './proxied.mjs'
import { createRestarts } from './restarts.mjs'
import { createSessions } from './sessions.mjs'
import { createSockets } from './sockets.mjs'
import { createTally } from './tally.mjs'
import { runTraffic } from './traffic.mjs'
import { createWire } from './wire.mjs'

const PROBE = fileURLToPath(new URL('./probe.mjs', import.meta.url))
const SERVICE = fileURLToPath(new URL('./service.mjs', import.meta.url))

/**
 * Whatever is kept for a time or up to a number is so short, or so few, that it is as full as it will
 * ever be once the run is warm: what grows afterwards is no cache. What stays longest is a revocation: as
 * long as its token lives, and five minutes. And this machine is one address.
 */
const FLAGS = Object.entries({
  'max-token-age-seconds': 120,
  'idempotency-ttl-ms': 60_000,
  'limits-remembered-tokens': 200,
  // That others hold up this machine is not what is looked at.
  'overload-loop-delay-hard-ms': 20_000,
  'timeouts-hash-queue-ms': 120_000,
  'throttle-address-attempts': 1_000_000,
  'throttle-account-attempts': 1_000_000,
  'admin-port': 0,
}).flatMap(([name, value]) => [`--${name}`, String(value)])

const SEEDS = 40
const LOOK_EACH_MS = 10_000
/** More than any answer may take. */
const PATIENCE_MS = 150_000
/** Longer than the gateway keeps anything open that nobody uses. */
const TIDY_MS = 15_000

export const soak = async (processes, setting) => {
  const service = await startTarget(processes, 'service', SERVICE)
  const gateway = await startGateway(processes, {
    name: 'gateway',
    targets: [service.url],
    flags: FLAGS,
    env: { ADMIN_TOKEN, STORE_URL: setting.store },
    execArgv: ['--expose-gc', '--import', PROBE],
  })
  const { port: adminPort } = gateway.events().find(({ event }) => event === 'admin_listening')
  const client = createClient(
    { port: gateway.port, adminPort: () => adminPort },
    { patienceMs: PATIENCE_MS },
  )
  const wire = createWire(gateway.port)
  const sessions = createSessions()
  const posts = new Map()
  const domain = `${randomUUID()}.test`
  const accounts = createAccounts({ client, wire, sessions, domain })
  const restarts = createRestarts(service, setting.restartSeconds)
  const tally = createTally(restarts)
  const cheap = {
    ...createProxied({ wire, sessions, posts }),
    ...createSockets({ port: gateway.port, accounts, sessions }),
    ...createBadTokens({ wire, sessions, secret: SECRET }),
    ...accounts.cheap,
  }

  for (let i = 0; i < SEEDS; i++) await accounts.hashed.signup()
  // Each kind once, so that whatever is made at its first use is there.
  for (const [i, name] of Object.keys(cheap).entries()) {
    await tally.play(name, () => cheap[name](`first-${i}`), performance.now())
  }
  const idle = async () => {
    const untilMs = performance.now() + TIDY_MS
    let latest = await look(gateway)
    while (performance.now() < untilMs) {
      await sleep(1_000)
      const next = await look(gateway)
      if (next.descriptors < latest.descriptors) latest = next
    }
    return latest
  }
  wire.close()
  client.close()
  const before = await idle()

  const startMs = performance.now()
  const cpu = gateway.usage()
  const looks = createLooks(gateway, LOOK_EACH_MS, (one) => {
    const { p99Ms } = one.delays
    console.error(
      `${((one.atMs - startMs) / 1_000).toFixed(0)} s: ${tally.count()} requests, ${tally.wrong()} wrong, ${tally.underWay()} under way, ` +
        `heap ${one.heap.toFixed(2)} MB, RSS ${one.rss.toFixed(1)} MB, ${one.descriptors} descriptors, loop p99 ${p99Ms.toFixed(1)} ms, ${sessions.size()} sessions`,
    )
  })
  restarts.start()
  const lateMs = await runTraffic({ ...setting, cheap, hashed: accounts.hashed, tally })
  await restarts.stop()
  const patienceMs = performance.now() + PATIENCE_MS
  while (tally.underWay() > 0 && performance.now() < patienceMs) await sleep(50)
  await looks.stop()
  const usage = gateway.usage()

  const there = (await client.users()).filter(({ email }) => email.endsWith(`@${domain}`))
  const sample = accounts.acknowledged.filter((_, i, all) => i % Math.ceil(all.length / 40) === 0)
  for (const user of sample) {
    await tally.play('login at the end', () => accounts.logIn(user), performance.now())
  }
  wire.close()
  client.close()
  const after = await idle()
  const { openStreams } = await service.ask('look')
  const ledger = readLedgers([service.ledger()])
  const events = gateway.events()
  return {
    tally,
    restarts: restarts.count(),
    unanswered: tally.underWay(),
    lateMs,
    cpuPercent: (usage.cpuMicroseconds - cpu.cpuMicroseconds) / (usage.atMs - cpu.atMs) / 10,
    startMs,
    before,
    looks: looks.looks,
    after,
    openStreams,
    posts,
    ledger,
    users: { there, acknowledged: accounts.acknowledged, doubtful: accounts.doubtful },
    events,
    exit: await gateway.stop(),
  }
}
