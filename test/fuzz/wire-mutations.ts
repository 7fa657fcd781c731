import { pick, type Dice } from './wire-requests.js'
import { FIELDS, ODD, SIZES } from './wire-words.js'

/** Changes some bytes of what is sent. */
export type Mutation = (text: string) => string

const splice = (text: string, at: number, left: number, put: string): string =>
  text.slice(0, at) + put + text.slice(at + left)

/** Changes one line, by how it is cut out and put back. */
const onLines = (change: (lines: string[], at: number) => void, at: number): Mutation => {
  return (text) => {
    const lines = text.split('\r\n')
    change(lines, at % lines.length)
    return lines.join('\r\n')
  }
}

const KINDS: ReadonlyArray<(dice: Dice) => Mutation> = [
  (dice) => {
    const [at, left, put] = [dice(4_000), dice(3), pick(dice, ODD)]
    return (text) => splice(text, at % (text.length + 1), left, put)
  },
  (dice) => {
    const [at, byte] = [dice(4_000), String.fromCharCode(dice(256))]
    return (text) => splice(text, at % (text.length + 1), 1, byte)
  },
  // Beside the end of a line, where most is decided.
  (dice) => {
    const [nth, off, put, left] = [dice(40), dice(3), pick(dice, ODD), dice(3)]
    return (text) => {
      const ends = [...text.matchAll(/\r\n/g)].map(({ index }) => index)
      return ends.length > 0 ? splice(text, (ends[nth % ends.length] ?? 0) + off, left, put) : text
    }
  },
  (dice) => {
    const field = pick(dice, FIELDS)
    return onLines((lines, at) => lines.splice(at + 1, 0, field), dice(6))
  },
  (dice) => {
    const field = pick(dice, FIELDS)
    return (text) =>
      text.replace(/\r\n(content-length|transfer-encoding): [^\r]*/i, () => `\r\n${field}`)
  },
  (dice) => {
    const size = pick(dice, SIZES)
    return (text) => text.replace(/\r\n(?:0|1;a=b|5)(?=\r\n)/, () => `\r\n${size}`)
  },
  (dice) => onLines((lines, at) => lines.splice(at, 1), dice(40)),
  (dice) => onLines((lines, at) => lines.splice(at, 0, lines[at] ?? ''), dice(40)),
  (dice) => onLines((lines, at) => lines.push(...lines.splice(at, 1)), dice(40)),
  (dice) => onLines((lines, at) => lines.splice(at, 1, ` ${lines[at]}`), dice(40)),
  (dice) =>
    onLines((lines, at) => lines.splice(at, 2, lines.slice(at, at + 2).join('\n')), dice(40)),
  (dice) => {
    const version = pick(dice, [
      'HTTP/1.0',
      'HTTP/1.2',
      'HTTP/2.0',
      'HTTP/1.1 ',
      'http/1.1',
      'HTTP/0.9',
      '',
    ])
    return (text) => text.replace('HTTP/1.1', version)
  },
  (dice) => {
    const [at, count] = [dice(4_000), pick(dice, [100, 5_000, 20_000])]
    return (text) => splice(text, at % (text.length + 1), 0, 'A'.repeat(count))
  },
  (dice) => {
    const [at, from] = [dice(4_000), dice(4_000)]
    return (text) =>
      splice(
        text,
        at % (text.length + 1),
        0,
        text.slice(from % text.length, (from % text.length) + 60),
      )
  },
  (dice) => {
    const share = dice(100)
    return (text) => text.slice(0, Math.floor((text.length * share) / 100))
  },
]

export const mutationsOf = (dice: Dice): Mutation[] =>
  Array.from({ length: 1 + dice(3) }, () => pick(dice, KINDS)(dice))
