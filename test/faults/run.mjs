// What clients see while the services behind the gateway fail, counted at both ends: see `--help`.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { figuresOf, isFaulty } from './figures.mjs'
import { chosen, positive, runToEnd } from './runner.mjs'
import { answers, figuresTable, loadNote, processTable } from './report.mjs'
import { SCENARIOS } from './scenarios.mjs'
import { runScenario } from './scene.mjs'

const HELP = `usage: node test/faults/run.mjs [options]

Starts three targets and the gateway that is built (dist, or the directory in FAULTS_DIST), sends
requests by a schedule, lets targets fail under them, and counts. Exits with 1 if a request is lost,
a POST without Idempotency-Key is received twice, or an answer is wrong, or short but whole.

  --only NAMES   of ${SCENARIOS.map(({ name }) => name).join(', ')}; separated by commas
  --seconds N    of load for each (12)
  --rate N       requests a second (1000; two cores for all processes do not hold 2000 for long)
  --json FILE    write all figures there
  --help         this text
`

const OPTIONS = {
  only: { type: 'string' },
  seconds: { type: 'string', default: '12' },
  rate: { type: 'string', default: '1000' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
}

const main = async (processes) => {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const setting = { seconds: positive(values.seconds), ratePerSecond: positive(values.rate) }
  const limitMs = SCENARIOS.length * (setting.seconds + LIMIT_SECONDS) * 1_000
  setTimeout(() => process.exit(2), limitMs).unref()
  const results = []
  const names = chosen(
    SCENARIOS.map(({ name }) => name),
    values.only,
  )
  for (const scenario of SCENARIOS.filter(({ name }) => names.includes(name))) {
    const figures = figuresOf(await runScenario(processes, scenario, setting))
    results.push({ name: scenario.name, title: scenario.title, figures })
    console.log(`${scenario.name}: ${answers(figures.outcomes)}; ${loadNote(figures)}`)
    console.log(`  the gateway said: ${answers(figures.gatewaySaid)}`)
  }
  console.log(`
${setting.ratePerSecond} requests/s for ${setting.seconds} s each, node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}

${figuresTable(results)}

${processTable(results)}`)
  if (values.json) writeFileSync(values.json, JSON.stringify({ ...setting, results }, null, 2))
  const faulty = results.filter(({ figures }) => isFaulty(figures))
  for (const { name } of faulty) console.error(`${name}: lost, doubled, wrong or short`)
  return faulty.length > 0 ? 1 : 0
}

/** More than this for each scenario means that something hangs. */
const LIMIT_SECONDS = 60

await runToEnd(main)
