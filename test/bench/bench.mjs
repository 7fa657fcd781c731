// What the gateway costs, beside others who do the same or less, in one run. `npm run bench -- --help`.
import { writeFileSync } from 'node:fs'
import { pinning } from './cpu.mjs'
import { machine } from './figures.mjs'
import { CONNECTIONS, loadName } from './load.mjs'
import { HELP, parseOptions } from './options.mjs'
import { plotOf } from './plot.mjs'
import { jsonOf, rowText, summaryText } from './report.mjs'
import { ALL, describe, installPackages } from './rivals.mjs'
import { present, run } from './run.mjs'
import { smoke } from './smoke.mjs'

const bench = async ({ rows, ...options }) => {
  if (!installPackages()) console.error('the packages of the rivals cannot be installed')
  const missing = ALL.filter((name) => !describe(name))
  if (missing.length > 0) console.error(`not here: ${missing.join(', ')}`)
  const turns = `${options.rounds} rounds of ${options.seconds} s`
  const about = `${machine()}; ${pinning()}; ${loadName()} with ${CONNECTIONS} connections; ${turns}`
  console.log(`${about}\n`)
  const results = await run(rows, options, (result) => console.log(rowText(result)))
  console.log(`### Targets\n\n${summaryText(results)}`)
  const date = new Date().toISOString().slice(0, 10)
  const names = [...new Set(rows.flatMap((row) => present(row, options.rivals)))]
  const contenders = Object.fromEntries(names.map((name) => [name, describe(name)]))
  if (options.json) writeFileSync(options.json, jsonOf({ about, date, contenders }, results))
  const get = results.find(({ name }) => name === 'get')
  if (options.svg && get) writeFileSync(options.svg, plotOf(get, `${about}; ${date}`))
}

for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143 }))
  process.once(signal, () => process.exit(status))

const options = parseOptions()
if (options.help) console.log(HELP)
else if (options.smoke) process.exitCode = await smoke()
else await bench(options)
