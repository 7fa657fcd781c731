import { createGatewayMetrics } from '../../lib/gateway-metrics.js'
import { ERRORS } from '../../lib/index.js'
import { EVENTS } from '../../lib/log-events.js'
import type { Family } from '../../lib/metrics/family.js'
import { listOptions } from '../../lib/option-list.js'
import { createPartMetrics } from '../../lib/part-metrics.js'
import { createProcessMetrics } from '../../lib/process-metrics.js'
import { createWorkerMetrics } from '../../lib/workers/gathering.js'

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

/** The events of the log as the README must list them. */
export const eventTable = (): string =>
  table(
    ['event', 'level', 'fields', 'what it tells'],
    Object.entries(EVENTS).map(([name, { level, fields, tells }]) => [
      `\`${name}\``,
      level,
      Object.entries(fields)
        .map(([field, kind]) => `\`${field}\`${kind.endsWith('?') ? '?' : ''}`)
        .join(', '),
      tells,
    ]),
  )

/** Every metric that a gateway can have. */
export const allFamilies = (): Family[] => {
  const parts = createPartMetrics({
    checks: [],
    connections: () => 0,
    requests: () => 0,
    streams: () => 0,
    hashing: { waiting: 0, running: 0 },
    levelOf: () => 0,
    loopDelayMs: () => 0,
    replicaAgeMs: () => 0,
  })
  const workers = createWorkerMetrics({ count: () => 0, silent: () => 0, lost: () => 0 })
  return [
    ...createGatewayMetrics(() => []).families,
    ...parts,
    ...createProcessMetrics(),
    ...workers,
  ]
}

/** The metrics as the README must list them. */
export const metricsTable = (): string =>
  table(
    ['metric', 'kind', 'labels', 'what it says'],
    allFamilies().map(({ name, type, labels, help }) => [
      `\`${name.replace(PREFIX, '…')}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  )

const PREFIX = /^passport_gateway_/
