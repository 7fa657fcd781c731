// The searches of the suite, for as long as one likes: see `--help`.
import { parseArgs } from 'node:util'
import { searches as ofFunctions } from './searches.js'
import { wire } from './wire.js'

const searches = [...ofFunctions, wire]
const names = searches.map(({ name }) => name)

const HELP = `usage: npm run fuzz -- [options]

Tries hostile inputs on the parsers and on a gateway that runs, the same searches as the tests do for
longer. Says the seed and the smallest input for each that finds something, and exits with 1 then.

  --only NAMES   of ${names.join(', ')}; separated by commas
  --seconds N    for each (60)
  --seed N       of all; another each time without
  --help         this text
`

const OPTIONS = {
  only: { type: 'string' },
  seconds: { type: 'string', default: '60' },
  seed: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

const wholeNumber = (option: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`--${option} must be a whole number`)
  return Number(text)
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const seconds = wholeNumber('seconds', values.seconds)
  const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 1e9))
  const wanted = values.only?.split(',') ?? names
  const unknown = wanted.filter((name) => !names.includes(name))
  if (unknown.length > 0 || seconds === 0)
    throw new RangeError(`nothing to do for ${unknown.join(', ') || '0 seconds'}; see --help`)
  let found = 0
  console.log(`seed ${seed}, node ${process.version}`)
  for (const one of searches.filter(({ name }) => wanted.includes(name))) {
    const failure = await one.run({ seed, runs: 0, seconds }).then(
      () => undefined,
      (error: unknown) => String((error as Error).message),
    )
    console.log(`${one.name}: ${failure ?? 'nothing found'}`)
    if (failure) found++
  }
  return found > 0 ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(String(error))
  process.exitCode = 2
}
