// What clients see while the store fails, counted at both ends: see `--help`.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { chosen, positive, runToEnd } from '../faults/runner.mjs'
import { details, resultTable } from './report.mjs'
import { SCENARIOS } from './scenarios.mjs'
import { playScenario } from './stage.mjs'
import { STORES } from './stores.mjs'
import { isFaulty } from './verdict.mjs'

const HELP = `usage: node test/store-faults/run.mjs [options]

Starts stores and the gateways that are built (dist, or the directory in FAULTS_DIST), lets clients sign
up, log in and log out, lets the store fail under them, and counts. Exits with 1 if anything that was
acknowledged is lost or doubled, if a revoked token is accepted a second after the store can be reached
again, if an answer is neither what was asked for nor a refusal in time, if a key gets another answer
than before, if anything stays failed, if a gateway dies, or if a password of a store is in a log.

  --scenario NAMES       of ${SCENARIOS.map(({ name }) => name).join(', ')}; separated by commas
  --engine NAMES         of ${Object.keys(STORES).join(', ')}
  --freeze-seconds N     for how long it stands still (30)
  --patience-seconds N   for how long signups that are not answered are tried again in the end (10)
  --json FILE            write all figures there
  --help                 this text
`

const OPTIONS = {
  scenario: { type: 'string' },
  engine: { type: 'string' },
  'freeze-seconds': { type: 'string', default: '30' },
  'patience-seconds': { type: 'string', default: '10' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
}

const main = async (processes) => {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const setting = {
    freezeSeconds: positive(values['freeze-seconds']),
    patienceSeconds: positive(values['patience-seconds']),
  }
  const names = SCENARIOS.map(({ name }) => name)
  const scenarios = chosen(names, values.scenario)
  const stores = chosen(Object.keys(STORES), values.engine)
  const results = []
  for (const scenario of SCENARIOS.filter(({ name }) => scenarios.includes(name))) {
    for (const name of scenario.stores.filter((one) => stores.includes(one))) {
      const limitMs = (LIMIT_SECONDS + setting.freezeSeconds + setting.patienceSeconds) * 1_000
      const timer = setTimeout(() => process.exit(2), limitMs)
      const result = await playScenario(processes, scenario, name, setting)
      clearTimeout(timer)
      const store = STORES[name].title
      results.push({ name: `${scenario.name}-${name}`, title: scenario.title, store, result })
      console.log(`${scenario.name}, ${store}: ${result.skipped ?? ''}`)
      if (!result.skipped) console.log(details(result).join('\n'))
    }
  }
  console.log(`
node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}

${resultTable(results)}`)
  if (values.json) writeFileSync(values.json, JSON.stringify({ ...setting, results }, null, 2))
  const faulty = results.filter(({ result }) => !result.skipped && isFaulty(result))
  for (const { name } of faulty) console.error(`${name}: FAILED`)
  return faulty.length > 0 ? 1 : 0
}

/** More than this for one scenario and one store means that something hangs. */
const LIMIT_SECONDS = 120

await runToEnd(main)
