// CPU time of the gateway for each proxied request, which no store is asked about, with each store.
import { createAccountLoad } from './account-load.mjs'
import { cpuPerRequest, startContender } from './contenders.mjs'
import { summary, table } from './figures.mjs'

/**
 * Prints a table. In each of `turns` all gateways are loaded one after the other, in an order by lot,
 * and again in the opposite order, so that whatever drifts meanwhile counts for all alike.
 */
export const measureCpu = async (stores, { turns, amount, connections }) => {
  const service = await startContender('service')
  const gateways = []
  // Where the last differs from the first, so do two processes that are alike.
  const control = { ...stores[0], name: 'memory, another process' }
  for (const { name, urlsFor } of [...stores, control]) {
    const contender = await startContender('gateway', {
      upstream: service.url,
      ...(await urlsFor('cpu')),
    })
    const token = await createAccountLoad(contender, { connections: 1 }).tokenOf()
    const load = () => cpuPerRequest(contender, token, { amount, connections })
    for (let i = 0; i < WARMING_LOADS; i++) await load()
    gateways.push({ name, load, stop: contender.stop, costs: [] })
  }
  for (let turn = 0; turn < turns; turn++) {
    const there = shuffled(gateways)
    const sums = new Map(gateways.map((gateway) => [gateway, 0]))
    for (const gateway of [...there, ...there.toReversed()])
      sums.set(gateway, sums.get(gateway) + (await gateway.load()))
    for (const [{ costs }, sum] of sums) costs.push(sum / 2)
    console.error(`turn ${turn + 1}: ${gateways.map(inWords).join(', ')}`)
  }
  for (const { stop } of [service, ...gateways]) stop()

  const [memory] = gateways.map(({ costs }) => summary(costs).median)
  const rows = gateways.map(({ name, costs }) => {
    const { median, text } = summary(costs, 1)
    return [name, text, (median / memory).toFixed(3)]
  })
  console.log(
    `${connections} connections, ${turns} turns, in each twice ${amount} small GETs of every gateway.\n`,
  )
  console.log(
    table(['µs of CPU of a proxied request', 'median (least to most)', 'median ÷ memory'], rows),
  )
}

const WARMING_LOADS = 4

const shuffled = (all) =>
  all
    .map((one) => ({ one, lot: Math.random() }))
    .toSorted((a, b) => a.lot - b.lot)
    .map(({ one }) => one)

const inWords = ({ name, costs }) => `${name} ${costs.at(-1).toFixed(1)} µs`
