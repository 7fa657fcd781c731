// What reverse proxies do with HTTP/1.1, seen from both sides as bytes on raw sockets: the client
// and the service are the runner's own, each proxy stands between them as it would be deployed.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CASES } from './cases/index.mjs'
import { fastifyHttpProxy } from './contenders/fastify-http-proxy.mjs'
import { gateway } from './contenders/gateway.mjs'
import { haproxy } from './contenders/haproxy.mjs'
import { nginx } from './contenders/nginx.mjs'
import { createLauncher } from './launch.mjs'
import { createOrigin } from './origin.mjs'
import { details, failed, isPassedByAll, markdownTable, summary } from './report.mjs'
import { createScene } from './scene.mjs'
import { createWatch } from './wire.mjs'

const CONTENDERS = [gateway, nginx, haproxy, fastifyHttpProxy]

const HELP = `usage: node test/conformance/run.mjs [options]

Runs every proxy that is installed (npm run build; apt-get install nginx-light haproxy;
npm ci in test/conformance) and prints a table of what each does.

  --only NAMES      of ${CONTENDERS.map(({ name }) => name).join(', ')}; separated by commas
  --case IDS        only these cases; separated by commas
  --brief           print only the rows in which not all say yes
  --json FILE       write there what was sent, and what was seen on both sides
  --check           exit with 1 if the gateway fails a row that is a MUST
  --proxy URL       look at a proxy that is running already, perhaps behind a prefix for paths ...
  --origin-port N   ... and is configured to pass requests on to 127.0.0.1:N
  --header LINE     a field line that this proxy demands; can be repeated
  --help            this text
`

const OPTIONS = {
  only: { type: 'string' },
  case: { type: 'string' },
  brief: { type: 'boolean', default: false },
  json: { type: 'string' },
  check: { type: 'boolean', default: false },
  proxy: { type: 'string' },
  'origin-port': { type: 'string' },
  header: { type: 'string', multiple: true, default: [] },
  help: { type: 'boolean', default: false },
}

const main = async (launcher) => {
  const { values: options } = parseArgs({ options: OPTIONS })
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const cases = chosen(CASES, options.case, ({ id }) => id)
  const originPort = Number(options['origin-port'] ?? 0)
  const columns = await Promise.all(
    contendersOf(options).map((contender) => examine(contender, { cases, launcher, originPort })),
  )
  const rows = options.brief ? cases.filter((row) => !isPassedByAll(row, columns)) : cases
  console.log(`${markdownTable(rows, columns)}\n\n${summary(cases, columns)}`)
  if (options.json) writeFileSync(options.json, details(cases, columns))
  return options.check ? check(cases, columns) : 0
}

const contendersOf = ({ proxy, header, only }) => {
  if (proxy) {
    const running = { url: proxy, lines: header }
    return [{ name: 'proxy', version: () => '', start: async () => running }]
  }
  return chosen(CONTENDERS, only, ({ name }) => name).filter(({ name, version }) => {
    const isInstalled = version() !== undefined
    if (!isInstalled) console.error(`${name} is not installed`)
    return isInstalled
  })
}

const chosen = (all, names, nameOf) => {
  const wanted = names?.split(',')
  const unknown = wanted?.filter((name) => !all.some((one) => nameOf(one) === name)) ?? []
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}`)
  return all.filter((one) => !wanted || wanted.includes(nameOf(one)))
}

/** What a contender does with each case, as a map of case to `{ passed, note, client, origin }`. */
const examine = async (contender, { cases, launcher, originPort }) => {
  const watch = createWatch()
  const origin = createOrigin(watch)
  const port = await origin.listen(originPort)
  const running = await contender.start({ launcher, originPort: port })
  const setting = { ...running, origin, watch }
  await mustServe(contender, createScene(setting, 'plain'))

  const results = new Map()
  for (const { id, run } of cases) {
    const scene = createScene(setting, id)
    const result = await run(scene).catch((error) => ({ passed: false, note: error.message }))
    results.set(id, { ...result, ...scene.record() })
    scene.close()
  }
  const { name, version } = contender
  return { name, version: version(), results, secrets: running.lines.map(valueOf) }
}

// Without this every refusal would look like good behaviour.
const mustServe = async ({ name }, scene) => {
  const client = await scene.open()
  client.send(scene.head())
  await scene.until(() => client.final() || client.gone)
  scene.close()
  if (client.final()?.body !== 'ok') throw new Error(`${name} does not serve: ${client.received}`)
}

const valueOf = (line) => line.slice(line.indexOf(':') + 1).trim()

const check = (cases, columns) => {
  const column = columns.find(({ name }) => name === gateway.name || name === 'proxy')
  if (!column) {
    console.error('there is no gateway to check')
    return 1
  }
  const faults = failed(cases, column, 'MUST')
  for (const { id, name, spec } of faults) console.error(`${id}: ${name} (${spec})`)
  return faults.length > 0 ? 1 : 0
}

const launcher = createLauncher()

// What is still open, such as connections of the service, would keep the process running.
const exit = async (status) => {
  await launcher.stop()
  process.exit(status)
}

for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => void exit(status))
}

const status = await main(launcher).catch((error) => {
  console.error(error.message)
  return 2
})
await exit(status)
