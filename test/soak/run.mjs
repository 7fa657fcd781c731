// Hours of all traffic at once, in minutes: see `--help`.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { positive, runToEnd } from '../faults/runner.mjs'
import { reportOf } from './report.mjs'
import { soak } from './soak.mjs'

const HELP = `usage: node test/soak/run.mjs [options]

Starts the gateway that is built (dist, or the directory in FAULTS_DIST) and a service behind it, each a
process of its own, sends traffic of all kinds by a schedule, checks every answer, and kills the service
now and then. Exits with 1 if an answer is wrong, a request lost or doubled, a user lost or made up, if
memory grows by more than a megabyte an hour, or if connections, descriptors or timers are left.

  --minutes N          of traffic (20)
  --warm-seconds N     of these at first, in which memory is not looked at (600, at most half)
  --rate N             requests a second, but for those that hash passwords (150)
  --hashes N           requests a second that hash passwords (3)
  --restart-seconds N  between two restarts of the service (60)
  --store URL          where state is kept: by default a SQLite file, as memory: grows with its users
  --json FILE          write all figures there
  --help               this text
`

const OPTIONS = {
  minutes: { type: 'string', default: '20' },
  'warm-seconds': { type: 'string', default: '600' },
  rate: { type: 'string', default: '150' },
  hashes: { type: 'string', default: '3' },
  'restart-seconds': { type: 'string', default: '60' },
  store: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
}

/** More than this beside the traffic means that something hangs. */
const LIMIT_SECONDS = 300

const main = async (processes) => {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const seconds = positive(values.minutes) * 60
  const setting = {
    seconds,
    warmSeconds: Math.min(positive(values['warm-seconds']), seconds / 2),
    rate: positive(values.rate),
    hashes: positive(values.hashes),
    restartSeconds: positive(values['restart-seconds']),
    store: values.store ?? `sqlite:${processes.fileOf('soak.db')}`,
  }
  setTimeout(() => process.exit(2), (seconds + LIMIT_SECONDS) * 1_000).unref()
  const result = await soak(processes, setting)
  const { text, broken } = reportOf(result, setting)
  console.log(text)
  if (values.json)
    writeFileSync(values.json, JSON.stringify({ setting, ...result, broken }, null, 2))
  for (const promise of broken) console.error(`BROKEN: ${promise}`)
  return broken.length > 0 ? 1 : 0
}

await runToEnd(main)
