// What each store costs, in one run: requests a second that need it, revocation checks a second, and CPU
// time for proxied requests that do not. `npm run store-bench -- --help`.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createAccountLoad, OPERATIONS } from './account-rates.mjs'
import { cpuPerRequest, startContender, summary } from './contenders.mjs'
import { startStores, whileRunning } from './store-servers.mjs'

const HELP = `usage: node test/bench/stores.mjs [options]

Measures the gateway that is built with each store: memory, SQLite, PostgreSQL, and Redis with
appendfsync always and everysec. bcrypt is replaced by something cheap.

  --rounds N         of the operations, after one to get going (3)
  --seconds N        of each operation in a round (3)
  --connections N    at once (64)
  --revocations N    live ones, for the checks (100000)
  --turns N          of memory and each store, for the CPU time of proxied requests (11)
  --requests N       proxied requests in a turn (10000)
  --only NAMES       of rates, checks, cpu; separated by commas
  --stores NAMES     beside memory, as SQLite,PostgreSQL
  --move             the round trip of users through all stores instead: see move.mjs
  --help             this text
`

const OPTIONS = {
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '3' },
  connections: { type: 'string', default: '64' },
  revocations: { type: 'string', default: '100000' },
  turns: { type: 'string', default: '11' },
  requests: { type: 'string', default: '10000' },
  only: { type: 'string', default: 'rates,checks,cpu' },
  stores: { type: 'string' },
  help: { type: 'boolean', default: false },
}

const main = async (args) => {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help) return console.log(HELP)
  const number = (name) => Number(values[name])
  const only = values.only.split(',')
  const started = await startStores()
  await whileRunning(started.stop, async () => {
    const wanted = values.stores?.split(',')
    const stores = started.stores.filter(
      ({ name }) => name === 'memory' || !wanted || wanted.includes(name),
    )
    console.log(`node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`)
    console.log(`write and fsync of 4 KiB: ${summary(fsyncs(started.directory)).text} ms\n`)
    if (only.includes('rates'))
      await measureRates(stores, {
        rounds: number('rounds'),
        seconds: number('seconds'),
        connections: number('connections'),
      })
    if (only.includes('checks')) await measureChecks(stores, number('revocations'))
    if (only.includes('cpu'))
      await measureCpu(stores, {
        turns: number('turns'),
        amount: number('requests'),
        connections: number('connections'),
      })
  })
}

const fsyncs = (directory) => {
  const file = openSync(join(directory, 'probe'), 'w')
  const page = Buffer.alloc(4_096, 1)
  const times = Array.from({ length: 200 }, () => {
    const startMs = performance.now()
    writeSync(file, page)
    fsyncSync(file)
    return performance.now() - startMs
  })
  closeSync(file)
  return times
}

const measureRates = async (stores, { rounds, seconds, connections }) => {
  const contenders = []
  for (const { urlFor } of stores)
    contenders.push(
      await startContender('gateway', { upstream: UNUSED, store: await urlFor('rates') }),
    )
  const loads = contenders.map((contender) => createAccountLoad(contender, { connections }))
  for (const load of loads) await load.round(Math.min(seconds, 1))
  const figures = loads.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, load] of loads.entries()) {
      figures[i].push(await load.round(seconds))
      console.log(`round ${round + 1}, ${stores[i].name}: ${inWords(figures[i].at(-1))}`)
    }
  for (const { stop } of contenders) stop()
  const names = stores.map(({ name }) => name)
  const rows = (what, digits) =>
    OPERATIONS.map((name) => [
      name,
      ...figures.map(
        (rounds) =>
          summary(
            rounds.map((one) => one[name][what]),
            digits,
          ).text,
      ),
    ])
  console.log(
    `\n${connections} connections, ${rounds} rounds of ${seconds} s: median (least to most)\n`,
  )
  console.log(table(['requests a second', ...names], rows('perSecond', 0)))
  console.log(table(['µs of CPU of the gateway', ...names], rows('microseconds', 0)))
}

const UNUSED = 'http://127.0.0.1:9'

const inWords = (figures) =>
  Object.entries(figures)
    .map(([name, { perSecond }]) => `${name} ${Math.round(perSecond)}`)
    .join(', ')

const measureChecks = async (stores, count) => {
  const rows = []
  for (const { name, urlFor } of stores) {
    const file = fileURLToPath(new URL('./revocation-checks.mjs', import.meta.url))
    const child = fork(file, [await urlFor('checks'), String(count)], {
      // It only fills the table faster.
      env: { ...process.env, PGOPTIONS: '-c synchronous_commit=off' },
    })
    const ended = once(child, 'exit').then(([code]) => [{ failed: code }])
    const [{ rates, readMs, failed }] = await Promise.race([once(child, 'message'), ended])
    if (failed !== undefined) throw new Error(`the checks of ${name} ended with ${failed}`)
    await ended
    const millions = rates.map((rate) => rate / 1e6)
    rows.push([name, summary(millions).text, readMs ? `${Math.round(readMs)} ms` : ''])
  }
  const head = [`${count} live revocations`, 'million checks a second', 'read at the start in']
  console.log(table(head, rows))
}

const measureCpu = async (stores, { turns, amount, connections }) => {
  const service = await startContender('service')
  const gateways = []
  for (const { urlFor } of stores) {
    const store = await urlFor('cpu')
    const contender = await startContender('gateway', { upstream: service.url, store })
    const token = await createAccountLoad(contender, { connections: 1 }).tokenOf()
    const load = () => cpuPerRequest(contender, token, { amount, connections })
    await load()
    gateways.push({ load, stop: contender.stop })
  }
  const [memory, ...others] = gateways
  const alone = others.map(() => [])
  const ratios = others.map(() => [])
  const inMemory = []
  for (let turn = 0; turn < turns; turn++)
    for (const [i, other] of others.entries()) {
      const pair = turn % 2 === 0 ? [memory, other] : [other, memory]
      const [first, second] = [await pair[0].load(), await pair[1].load()]
      const [a, b] = turn % 2 === 0 ? [first, second] : [second, first]
      inMemory.push(a)
      alone[i].push(b)
      ratios[i].push(b / a)
    }
  for (const { stop } of [service, ...gateways]) stop()
  const rows = others.map((_, i) => [
    stores[i + 1].name,
    summary(alone[i]).text,
    summary(ratios[i]).text,
  ])
  const head = ['CPU of a proxied request', 'µs: median (least to most)', '÷ memory']
  console.log(table(head, [['memory', summary(inMemory).text, ''], ...rows]))
  console.log(`${turns} turns of memory and each store, ${amount} requests each\n`)
}

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')

const args = process.argv.slice(2)
if (args.includes('--move')) {
  const { move } = await import('./move.mjs')
  await move(args.filter((arg) => arg !== '--move'))
} else await main(args)
