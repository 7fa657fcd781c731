// CPU time of the gateway for each proxied request, which no store is asked about, with each store.
import { createAccountLoad } from './account-load.mjs'
import { cpuPerRequest, startContender } from './contenders.mjs'
import { shuffled, summary, table } from './figures.mjs'

/**
 * Prints a table. Two processes that are alike differ by some percent for as long as they live, and one
 * that rests gets slower. So each store is compared with memory alone, in `pairs` pairs of new
 * processes, which are started, and loaded in turns, `turns` times, in an order by lot.
 */
export const measureCpu = async ([memory, ...stores], { pairs, turns, amount, connections }) => {
  const service = await startContender('service')
  // Where the second differs from the first, so do two processes that are alike.
  const compared = []
  for (const { name, urlsFor } of [{ ...memory, name: 'memory, another process' }, ...stores])
    compared.push({ name, urls: await urlsFor('cpu'), costs: [], ratios: [] })
  const urlsOfMemory = await memory.urlsFor('cpu')
  const load = { amount, connections, turns }
  for (let pair = 0; pair < pairs; pair++)
    for (const { name, urls, costs, ratios } of shuffled(compared)) {
      const [ofMemory, cost] = await costsOf(service.url, [urlsOfMemory, urls], load)
      costs.push(cost)
      ratios.push(cost / ofMemory)
      console.error(`pair ${pair + 1}, ${name}: ${ofMemory.toFixed(1)} and ${cost.toFixed(1)} µs`)
    }
  service.stop()

  const rows = compared.map(({ name, costs, ratios }) => [
    name,
    summary(costs, 1).text,
    summary(ratios, 3).text,
  ])
  console.log(
    `${connections} connections, ${pairs} pairs of processes, ${turns} turns of ${amount} small GETs for each of them.\n`,
  )
  const head = ['µs of CPU of a proxied request', 'median (least to most)', 'median ÷ memory']
  console.log(table(head, rows))
}

const WARMING_LOADS = 4

/** Microseconds for a request of each of two gateways. */
const costsOf = async (upstream, urls, { amount, connections, turns }) => {
  const gateways = urls.map((stores) => ({ stores, sum: 0 }))
  for (const gateway of shuffled(gateways)) {
    const contender = await startContender('gateway', { upstream, ...gateway.stores })
    const token = await createAccountLoad(contender, { connections: 1 }).tokenOf()
    gateway.load = () => cpuPerRequest(contender, token, { amount, connections })
    gateway.stop = contender.stop
  }
  for (let i = 0; i < WARMING_LOADS; i++) for (const { load } of gateways) await load()
  for (let turn = 0; turn < turns; turn++)
    for (const gateway of shuffled(gateways)) gateway.sum += await gateway.load()
  for (const { stop } of gateways) stop()
  return gateways.map(({ sum }) => sum / turns)
}
