// What the gateway costs, beside others who do the same or less, in one run. `npm run bench -- --help`.
import { writeFileSync } from 'node:fs'
import { check } from './check.mjs'
import { startContender } from './contenders.mjs'
import { CORES, pinning } from './cpu.mjs'
import { machine } from './figures.mjs'
import { CONNECTIONS, endLoad, loadName } from './load.mjs'
import { HELP, parseOptions } from './options.mjs'
import { jsonOf, rowText, summaryText } from './report.mjs'
import { describe, installPackages, startRival } from './rivals.mjs'

const options = parseOptions()

/** Of those that a row wants, who is there, and was asked for. */
const present = ({ rivals = [] }) =>
  rivals.filter((name) => {
    const isWanted = name === 'gateway' || !options.rivals || options.rivals.includes(name)
    if (isWanted && !describe(name)) console.error(`${name} is not installed`)
    return isWanted && describe(name)
  })

const measure = async (row, service) => {
  console.error(`${row.name}: ${row.title}`)
  const started = []
  /** Starts a contender, and sees that it does its job. */
  const start = async (name, settings = {}) => {
    const contender = await startRival(name, { upstream: service.url, ...settings })
    started.push(contender)
    await check(name, contender)
    return contender
  }
  const { rounds, seconds } = options
  try {
    return {
      ...row,
      ...(await row.measure({ rounds, seconds, start, service, names: present(row) })),
    }
  } finally {
    for (const { stop } of started) stop()
  }
}

if (options.help) console.log(HELP)
else {
  const { rows } = options
  if (!installPackages()) console.error('the rivals of npm are left out')
  const service = await startContender('service', { core: CORES.others })
  const about = `${machine()}; ${pinning()}; ${loadName()} with ${CONNECTIONS} connections; ${options.rounds} rounds of ${options.seconds} s`
  console.log(`${about}\n`)
  const results = []
  for (const row of rows) {
    results.push(await measure(row, service))
    console.log(rowText(results.at(-1)))
  }
  console.log(`### Targets\n\n${summaryText(results)}`)
  if (options.json) {
    const contenders = [...new Set(rows.flatMap(present))].map(describe)
    writeFileSync(options.json, jsonOf({ about, date: new Date(), contenders }, results))
  }
  service.stop()
  endLoad()
}
