// Users move through all stores with `passport-gateway users export` and `import`, as an operator moves
// them, and the command or the gateway is killed on the way: nobody may be lost or changed.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { machine, table } from './figures.mjs'
import { startGateway, succeeded } from './move-gateway.mjs'
import { assertSame, digestOf, linesOf, writeUsers } from './move-users.mjs'
import { startStores, whileRunning } from './store-servers.mjs'

const HELP = `usage: npm run store-bench -- move [options]

Moves users through memory, SQLite, PostgreSQL, Redis and SQLite again with the command, and compares each
export with what was there at first, byte for byte once sorted. Then an import into each store is cut off
by kill -9 of the command, and one by kill -9 of the gateway, and run again. Ends with 1 where anything
is not as it was.

  --users N        how many (100000)
  --only NAMES     of trip, killed; separated by commas
  --node-flags F   of the gateways, separated by commas, as --cpu-prof
  --help           this text
`

const OPTIONS = {
  users: { type: 'string', default: '100000' },
  only: { type: 'string', default: 'trip,killed' },
  'node-flags': { type: 'string' },
  help: { type: 'boolean', default: false },
}

const TRIP = ['memory', 'SQLite', 'PostgreSQL', 'Redis', 'SQLite']

export const move = async (args) => {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help) return console.log(HELP)
  const count = Number(values.users)
  const flags = values['node-flags']?.split(',')
  const started = await startStores()
  await whileRunning(started.stop, async () => {
    const source = join(started.directory, 'source.ndjson')
    const middle = writeUsers(source, count)
    const file = (name) => join(started.directory, `${name}.ndjson`)
    const open = async (name, database) => {
      const { urlsFor } = started.stores.find((store) => store.name === name)
      return startGateway((await urlsFor(database)).store, flags)
    }
    const scene = { count, source, middle, file, open }
    console.log(machine())
    console.log(`${count} users, ${digestOf(source)} once sorted\n`)
    if (values.only.includes('trip')) await travel(scene)
    if (values.only.includes('killed')) await cutOff(scene)
  })
}

const travel = async ({ count, source, file, open }) => {
  const rows = []
  let from = source
  for (const [i, name] of TRIP.entries()) {
    const gateway = await open(name, `trip-${i}`)
    const imported = await succeeded(gateway.users('import', from))
    expectReport(imported.report, { imported: count, unchanged: 0 })
    const to = file(`trip-${i}`)
    const exported = await succeeded(gateway.users('export', to))
    assertSame(to, source)
    await gateway.stop()
    const cells = [imported, exported].map(({ seconds }) => rate(count, seconds))
    rows.push([name, ...cells])
    console.error(`${name}: in ${cells[0]}, out ${cells[1]}, ${digestOf(to)} once sorted`)
    from = to
  }
  console.log(table(['rows a second (seconds)', 'import', 'export'], rows))
  console.log(`The last export is the first file, once sorted: ${digestOf(from)}\n`)
}

const rate = (count, seconds) => `${Math.round(count / seconds)} (${seconds.toFixed(1)} s)`

const cutOff = async (scene) => {
  const rows = []
  for (const name of TRIP.slice(1, -1)) {
    rows.push([name, 'command', ...(await killCommand(scene, name))])
    rows.push([name, 'gateway', ...(await killGateway(scene, name))])
    console.error(`${name}: all there after both`)
  }
  const head = [
    'store',
    'kill -9 of',
    'imported, unchanged',
    'and when run again',
    'rows a second then',
  ]
  console.log(table(head, rows))
}

/** What was there, and what the next run of the command says of the rest. */
const killCommand = async (scene, name) => {
  const { count, source, file, open } = scene
  const gateway = await open(name, 'killed-command')
  const first = gateway.users('import', source)
  await untilMiddle(gateway, scene, first)
  first.kill()
  await first.ended
  const there = await exported(gateway, file(`${name}-command-part`))
  if (there >= count) throw new Error('it was killed too late')
  const again = await succeeded(gateway.users('import', source))
  // The gateway finishes what it was sent, while it is asked who is there.
  const { unchanged } = again.report
  if (unchanged < there) throw new Error(`${unchanged} of ${there} are unchanged`)
  expectReport(again.report, { imported: count - unchanged, unchanged })
  await exported(gateway, file(`${name}-command`))
  assertSame(file(`${name}-command`), source)
  await gateway.stop()
  return [`${there}, 0`, inWords(again.report), rate(count, again.seconds)]
}

/** What the command says, which asks again by itself, and what its next run says. */
const killGateway = async (scene, name) => {
  const { count, source, file, open } = scene
  const gateway = await open(name, 'killed-gateway')
  const first = gateway.users('import', source)
  await untilMiddle(gateway, scene, first)
  await gateway.kill()
  await gateway.restart()
  const { report } = await succeeded(first)
  expectReport(report, { imported: report.imported, unchanged: count - report.imported })
  await exported(gateway, file(`${name}-gateway`))
  assertSame(file(`${name}-gateway`), source)
  const again = await succeeded(gateway.users('import', source))
  expectReport(again.report, { imported: 0, unchanged: count })
  await gateway.stop()
  return [inWords(report), inWords(again.report), rate(count, again.seconds)]
}

const inWords = ({ imported, unchanged }) => `${imported}, ${unchanged}`

const untilMiddle = async (gateway, { middle }, { ended }) => {
  let isOver = false
  void ended.then(() => (isOver = true))
  while (!(await gateway.hasUser(middle))) {
    if (isOver) throw new Error('the import ended before its middle')
    await sleep(5)
  }
}

const exported = async (gateway, file) => {
  await succeeded(gateway.users('export', file))
  return linesOf(file).length
}

const expectReport = (report, { imported, unchanged }) => {
  const { failed, unreported } = report
  if (report.imported !== imported || report.unchanged !== unchanged || failed.length + unreported)
    throw new Error(`not as it should be: ${JSON.stringify(report)}`)
}
