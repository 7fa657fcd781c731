import { ERRORS } from '../../lib/index.js'
import { listOptions } from '../../lib/option-list.js'

const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** The options as the README must list them. */
export const optionTable = (): string =>
  table(
    ['option', 'default', 'meaning', 'environment'],
    listOptions().map(({ name, fallback, unit, description, env }) => [
      `\`${name}\``,
      fallback === undefined || (Array.isArray(fallback) && fallback.length === 0)
        ? 'none'
        : `\`${[fallback].flat().join(',')}\`${unit && ` ${unit}`}`,
      description,
      `\`${env}\``,
    ]),
  )

/** The errors as the README must list them. */
export const errorTable = (): string =>
  table(
    ['status', 'code', 'detail'],
    Object.entries(ERRORS).map(([code, { status, detail }]) => [
      String(status),
      `\`${code}\``,
      detail,
    ]),
  )
