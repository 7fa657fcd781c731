// What users of the gateway see while others misbehave, and what it costs them: see `--help`.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { machine, table } from '../bench/figures.mjs'
import { chosen, positive, runToEnd } from '../faults/runner.mjs'
import { calmDown } from './calm.mjs'
import { haproxyVersion } from './haproxy.mjs'
import { SCENARIOS } from './scenarios/index.mjs'
import { createScene } from './scene.mjs'

const NAMES = SCENARIOS.map(({ name }) => name)

const HELP = `usage: node test/load/run.mjs [options]

Starts services and the gateway that is built (dist, or the directory in FAULTS_DIST), loads it, and
measures what somebody else sees meanwhile, who sends 100 GETs a second, half of them on fresh
connections. Latency counts from when a request was due. Where HAProxy is installed it does the same job
under the same load. Exits with 1 if the gateway misses a limit.

  --only NAMES      of ${NAMES.join(', ')}; separated by commas
  --subject NAMES   of gateway, haproxy; separated by commas
  --calm PERCENT    wait before each, ten minutes at most, until the machine is no busier (100)
  --json FILE       write all figures there
  --help            this text
`

const OPTIONS = {
  only: { type: 'string' },
  subject: { type: 'string' },
  calm: { type: 'string', default: '100' },
  json: { type: 'string' },
  help: { type: 'boolean', default: false },
}

const main = async (processes) => {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const names = chosen(NAMES, values.only)
  const version = haproxyVersion()
  if (!version) console.log('HAProxy is not installed: the gateway alone is measured')
  const wanted = chosen(['gateway', 'haproxy'], values.subject)
  const subjects = wanted.filter((subject) => subject === 'gateway' || version)
  const percent = positive(values.calm)
  const results = []
  for (const scenario of SCENARIOS.filter(({ name }) => names.includes(name))) {
    const figures = {}
    for (const subject of subjects.filter((one) => !scenario.without?.includes(one))) {
      const busy = await calmDown({ percent, patienceMs: CALM_MS })
      figures[subject] = await play(processes, scenario, subject)
      console.log(`${scenario.name}, ${subject}; before it the machine was ${busy} % busy`)
      for (const { what, text, limit, isMet } of figures[subject])
        console.log(`  ${isMet ? '' : 'MISSED '}${what}: ${text} (${limit})`)
    }
    results.push({ ...scenario, figures })
  }
  const head = ['load', 'figure', 'limit', ...subjects.map((one) => titleOf(one, version))]
  console.log(
    `\n${machine()}\n\n${table(
      head,
      results.flatMap((one) => rowsOf(one, subjects)),
    )}`,
  )
  if (values.json) writeFileSync(values.json, JSON.stringify(results, null, 2))
  const missed = results.filter(({ figures }) => figures.gateway?.some(({ isMet }) => !isMet))
  for (const { name } of missed) console.error(`${name}: a limit is missed`)
  return missed.length > 0 ? 1 : 0
}

/** How long a run waits for the machine. */
const CALM_MS = 600_000

/** More than this for one scenario means that something hangs. */
const LIMIT_MS = 180_000

const play = async (processes, scenario, subject) => {
  const timer = setTimeout(() => process.exit(2), LIMIT_MS)
  const scene = createScene(processes, subject, `${scenario.name}-${subject}`)
  try {
    return await scenario.play(scene)
  } finally {
    await scene.close()
    clearTimeout(timer)
  }
}

const titleOf = (subject, version) => (subject === 'haproxy' ? `HAProxy ${version}` : subject)

const rowsOf = ({ title, figures }, subjects) => {
  const [first] = Object.values(figures)
  return (first ?? []).map(({ what, limit }, i) => [
    i === 0 ? title : '',
    what,
    limit,
    ...subjects.map((one) => cellOf(figures[one]?.[i])),
  ])
}

const cellOf = (figure) => {
  if (!figure) return '—'
  return figure.isMet ? figure.text : `**${figure.text}**`
}

await runToEnd(main)
