// What each store costs, in one run: requests a second that need it, revocation checks a second, and CPU
// time for proxied requests that do not. `npm run store-bench -- --help`.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measureRates } from './account-rates.mjs'
import { machine, summary, table } from './figures.mjs'
import { move } from './move.mjs'
import { measureCpu } from './proxied-cpu.mjs'
import { startStores, whileRunning } from './store-servers.mjs'

const HELP = `usage: npm run store-bench -- [options]
       npm run store-bench -- move [options]     users move through all stores: see move --help

Measures the gateway that is built with each store: memory, SQLite, PostgreSQL, Redis with appendfsync
always, and users in PostgreSQL with the rest in a Redis with appendfsync everysec. All servers are the
run's own, on 127.0.0.1. The hasher of passwords is replaced by something cheap.

  --rounds N         of the operations, after one to get going (3)
  --seconds N        of each operation in a round (1.5)
  --connections N    at once (64)
  --revocations N    live ones, for the checks (100000)
  --pairs N          of processes, one with memory and one with the store, for the CPU time of proxied
                     requests (9)
  --turns N          of both processes of a pair (40)
  --requests N       proxied requests in a turn (1000)
  --only NAMES       of rates, checks, cpu; separated by commas
  --stores NAMES     beside memory, as SQLite,PostgreSQL
  --help             this text
`

const OPTIONS = {
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '1.5' },
  connections: { type: 'string', default: '64' },
  revocations: { type: 'string', default: '100000' },
  pairs: { type: 'string', default: '9' },
  turns: { type: 'string', default: '40' },
  requests: { type: 'string', default: '1000' },
  only: { type: 'string', default: 'rates,checks,cpu' },
  stores: { type: 'string' },
  help: { type: 'boolean', default: false },
}

const measure = async (args) => {
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
    const connections = number('connections')
    console.log(machine())
    console.log(`write and fsync of 4 KiB: ${summary(fsyncs(started.directory)).text} ms\n`)
    if (only.includes('rates'))
      await measureRates(stores, {
        rounds: number('rounds'),
        seconds: number('seconds'),
        connections,
      })
    if (only.includes('checks')) await measureChecks(stores, number('revocations'))
    if (only.includes('cpu'))
      await measureCpu(stores, {
        pairs: number('pairs'),
        turns: number('turns'),
        amount: number('requests'),
        connections,
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

const measureChecks = async (stores, count) => {
  const rows = []
  for (const { name, urlsFor } of stores) {
    const file = fileURLToPath(new URL('./revocation-checks.mjs', import.meta.url))
    const { store, ephemeralStore = store } = await urlsFor('checks')
    const child = fork(file, [ephemeralStore, String(count)], {
      execArgv: ['--import', new URL('../support/typescript.mjs', import.meta.url).href],
      // It only fills the table faster.
      env: { ...process.env, PGOPTIONS: '-c synchronous_commit=off' },
    })
    const ended = once(child, 'exit').then(([code]) => [{ failed: code }])
    const [{ rates, readMs, failed }] = await Promise.race([once(child, 'message'), ended])
    if (failed !== undefined) throw new Error(`the checks of ${name} ended with ${failed}`)
    await ended
    const millions = rates.map((rate) => rate / 1e6)
    rows.push([name, summary(millions).text, readMs ? `${Math.round(readMs)} ms` : ''])
    console.error(`checks, ${name}: ${rows.at(-1)[1]} million a second`)
  }
  const head = [`${count} live revocations`, 'million checks a second', 'read at the start in']
  console.log(table(head, rows))
}

const [command, ...rest] = process.argv.slice(2)
if (command === 'move') await move(rest)
else await measure(process.argv.slice(2))
