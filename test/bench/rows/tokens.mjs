// Tokens that are each used once, beside one that comes again and again. They are made beforehand, and
// wrk reads one after the other from a file; so it does the one that is the same on each line, as a load
// that costs more comes in smaller bursts, of which each request has to bear more.
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { loaded } from '../load.mjs'
import { fileOf } from '../processes.mjs'
import { createToken } from '../tokens.mjs'
import { atMost, shown } from '../verdicts.mjs'

const LIMIT = 1.35
/** More than any load takes of them in a second, so that the last round has enough, too. */
const MOST_PER_SECOND = 60_000

export const tokens = {
  name: 'tokens',
  title: 'Tokens that are each used once',
  rivals: ['gateway'],
  measure: async ({ start, seconds, tokens: count }) => {
    const file = fileOf('tokens')
    const most = MOST_PER_SECOND * Math.ceil(seconds)
    const length = await writeTokens(file, count + most, tokenOf)
    const again = { file: fileOf('one-token'), from: 0 }
    again.length = await writeTokens(again.file, most, () => tokenOf(0))
    const gateway = await start('gateway')
    const path = '/v1/proxy/small'
    const one = { path, tokens: again }
    const cost = { one: [], each: [] }
    const rates = []
    await loaded(gateway, one, seconds)
    for (let from = 0; from < count;) {
      cost.one.push((await loaded(gateway, one, seconds)).microseconds)
      const run = await loaded(gateway, { path, tokens: { file, length, from } }, seconds)
      cost.each.push(run.microseconds)
      rates.push(run.perSecond)
      from += run.used
      console.error(
        `  ${from} tokens, µs: one ${cost.one.at(-1).toFixed(1)}, each ${cost.each.at(-1).toFixed(1)}`,
      )
    }
    const ratios = cost.each.map((microseconds, round) => microseconds / cost.one[round])
    return {
      verdicts: [
        atMost(`${count} distinct tokens ÷ one`, ratios, LIMIT),
        shown('one token', cost.one, { digits: 1, unit: ' µs' }),
        shown('distinct tokens', cost.each, { digits: 1, unit: ' µs' }),
        shown('distinct tokens', rates, { digits: 0, unit: ' requests/s' }),
      ],
    }
  },
}

const tokenOf = (index) => {
  const number = String(index).padStart(9, '0')
  return createToken(`user_${number}`, `token_${number}`)
}

/** One a line, all as long as each other: so long. */
const writeTokens = async (file, count, of) => {
  const stream = createWriteStream(file)
  const PART = 10_000
  let length = 0
  for (let first = 0; first < count; first += PART) {
    const part = Array.from({ length: Math.min(PART, count - first) }, (_, i) => of(first + i))
    length = part[0].length
    if (!stream.write(`${part.join('\n')}\n`)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'close')
  return length
}
