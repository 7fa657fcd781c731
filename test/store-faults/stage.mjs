// One scenario with one store, from its first process to its last.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from './client.mjs'
import { figuresOf, recoveryMs } from './figures.mjs'
import { startGateway } from './gateways.mjs'
import { createOutages } from './outages.mjs'
import { createRevoked } from './revoked.mjs'
import { startSteady } from './steady.mjs'
import { STORES } from './stores.mjs'
import { createTraffic } from './traffic.mjs'
import { verdictOf } from './verdict.mjs'

/** Plays it; gives its figures, or `{ skipped }` with the reason. */
export const playScenario = async (processes, scenario, storeName, setting) => {
  const name = `${scenario.name}-${storeName}`
  const { isSmall = false } = scenario
  const store = await STORES[storeName].start(processes, { name, isSmall })
  if (!store) return { skipped: 'no disk can be mounted here: it takes root' }
  const upstream = await startUpstream()
  const relay = scenario.isRelayed ? await store.relay() : undefined
  const gateways = []
  // The last one is behind the relay.
  for (const [i, options] of [store.options, (relay ?? store).options].entries()) {
    if (i >= (scenario.gateways ?? 2)) continue
    const all = { ...scenario.options, ...options }
    gateways.push(
      await startGateway(processes, { name: `${name}-${i}`, upstream: upstream.url, options: all }),
    )
  }
  const clients = gateways.map(createClient)
  try {
    return await play({ scenario, setting, store, relay, gateways, clients })
  } finally {
    for (const client of clients) client.close()
    for (const gateway of gateways) await gateway.kill()
    relay?.stop()
    await store.stop()
    upstream.stop()
  }
}

const play = async ({ scenario, setting, store, relay, gateways, clients }) => {
  const outages = createOutages()
  const revoked = createRevoked({ clients, outages })
  const traffic = createTraffic({ clients, revoked })
  /** Waits until every gateway does again whatever it did, for a while. */
  const recovered = async (healedMs) => {
    const untilMs = healedMs + LIMIT_RECOVERY_MS
    while (
      performance.now() < untilMs &&
      recoveryMs(traffic.calls, healedMs, gateways) === Infinity
    )
      await sleep(20)
  }
  const parts = { setting, store, relay, gateways, clients, outages, revoked, traffic, recovered }
  const token = await traffic.seed()
  const broken = (await scenario.before?.(parts)) ?? []
  const steady = startSteady(clients, token)
  const startMs = performance.now()
  traffic.start(scenario.load)
  const { notes = [], healedMs = outages.healedMs() } = (await scenario.play(parts)) ?? {}
  const endMs = performance.now()
  await steady.stop()
  await traffic.stop(setting.patienceSeconds * 1_000)
  const verdict = await verdictOf({ ...parts, passwords: store.passwords ?? [] })
  const { calls } = traffic
  const proxied = steady.calls
  const { isKilled = false } = scenario
  const figures = figuresOf({ calls, proxied, startMs, endMs, healedMs, gateways, isKilled })
  if (healedMs.length > 0 && figures.refused === 0 && !isKilled) broken.push('nothing ever failed')
  // Keys are held by a gateway that was killed; any other signup must have come to its end.
  if (verdict.unended > 0 && !isKilled) broken.push(`${verdict.unended} signups never answered`)
  if (verdict.unreplayed > 0) broken.push(`${verdict.unreplayed} answers were not given again`)
  return { ...verdict, ...figures, notes, broken }
}

const LIMIT_RECOVERY_MS = 20_000

/** Waits, in a scenario. */
export const seconds = (number) => sleep(number * 1_000)

const startUpstream = async () => {
  const server = createServer((_, response) => response.end('work')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
