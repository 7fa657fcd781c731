// What was measured, and on what, as Markdown that people read.
import { cpus } from 'node:os'

/** The median of some numbers, and a text with the least and the most of them. */
export const summary = (numbers, digits = 2) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  const [least, most] = [sorted[0], sorted.at(-1)]
  return {
    median,
    text: `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`,
  }
}

/** A table of Markdown. */
export const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')

/** The same in another order each time, so that none stands behind the same one. */
export const shuffled = (all) =>
  all
    .map((one) => ({ one, lot: Math.random() }))
    .toSorted((a, b) => a.lot - b.lot)
    .map(({ one }) => one)

/** What this runs on. */
export const machine = () =>
  `node ${process.version}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores`
