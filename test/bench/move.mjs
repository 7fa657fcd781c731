// Users move through all stores with `passport-gateway users export` and `import`, as an operator moves
// them, and the command or the gateway is killed on the way: nobody may be lost or changed.
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startGateway, succeeded } from './move-gateway.mjs'
import { assertSame, digestOf, linesOf, writeUsers } from './move-users.mjs'
import { startStores, whileRunning } from './store-servers.mjs'

const HELP = `usage: node test/bench/stores.mjs --move [options]

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

const TRIP = ['memory', 'SQLite', 'PostgreSQL', 'Redis always', 'SQLite']

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
      const { urlFor } = started.stores.find((store) => store.name === name)
      return startGateway(await urlFor(database), flags)
    }
    const scene = { count, source, middle, file, open }
    console.log(`node ${process.version}, ${cpus().length} cores of ${cpus()[0]?.model.trim()}`)
    console.log(`${count} users, ${digestOf(source)} once sorted\n`)
    if (values.only.includes('trip')) await travel(scene)
    if (values.only.includes('killed'))
      for (const name of ['SQLite', 'PostgreSQL', 'Redis always']) {
        await killCommand(scene, name)
        await killGateway(scene, name)
      }
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
    rows.push(`| ${name} | ${cells.join(' | ')} |`)
    console.log(`${name}: in ${cells[0]}, out ${cells[1]}, ${digestOf(to)} once sorted`)
    from = to
  }
  console.log(`
| rows a second (seconds) | import | export |
| --- | --- | --- |
${rows.join('\n')}
`)
}

const rate = (count, seconds) => `${Math.round(count / seconds)} (${seconds.toFixed(1)} s)`

const killCommand = async (scene, name) => {
  const { count, source, file, open } = scene
  const gateway = await open(name, 'killed-command')
  const first = gateway.users('import', source)
  await untilMiddle(gateway, scene)
  first.kill()
  await first.ended
  const there = await exported(gateway, file(`${name}-command-part`))
  if (there >= count) throw new Error('it was killed too late')
  const { report } = await succeeded(gateway.users('import', source))
  if (report.imported + report.unchanged !== count || report.unchanged < there)
    throw new Error(`after the kill: ${JSON.stringify(report)}`)
  await exported(gateway, file(`${name}-command`))
  assertSame(file(`${name}-command`), source)
  await gateway.stop()
  console.log(
    `${name}: kill -9 of the command with ${there} in; again: ${report.imported} imported, ${report.unchanged} unchanged: all there`,
  )
}

const killGateway = async (scene, name) => {
  const { count, source, file, open } = scene
  const gateway = await open(name, 'killed-gateway')
  const first = gateway.users('import', source)
  await untilMiddle(gateway, scene)
  await gateway.kill()
  await gateway.restart()
  // It asks again by itself.
  const { report } = await succeeded(first)
  if (report.imported + report.unchanged !== count)
    throw new Error(`after the kill: ${JSON.stringify(report)}`)
  await exported(gateway, file(`${name}-gateway`))
  assertSame(file(`${name}-gateway`), source)
  const again = await succeeded(gateway.users('import', source))
  expectReport(again.report, { imported: 0, unchanged: count })
  await gateway.stop()
  console.log(
    `${name}: kill -9 of the gateway, and a start: the command went on, ${report.imported} imported, ${report.unchanged} unchanged: all there; again: ${rate(count, again.seconds)} rows/s unchanged`,
  )
}

const untilMiddle = async (gateway, { middle }) => {
  while (!(await gateway.hasUser(middle))) await sleep(5)
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
