import type { Family } from '../../lib/metrics/family.js'

/** Labels that Prometheus itself gives. */
const OF_PROMETHEUS = ['job', 'instance']

/** A metric as Prometheus has it: of a histogram there are three. */
interface Metric {
  family: string
  labels: readonly string[]
}

/** By their names; `up` is of Prometheus itself. */
export const metricsOf = (families: readonly Family[]): Map<string, Metric> =>
  new Map([
    ['up', { family: 'up', labels: OF_PROMETHEUS }],
    ...families.flatMap(({ name: family, type, labels: own }): Array<[string, Metric]> => {
      const labels = [...own, ...OF_PROMETHEUS]
      if (type !== 'histogram') return [[family, { family, labels }]]
      return [
        [`${family}_bucket`, { family, labels: [...labels, 'le'] }],
        [`${family}_sum`, { family, labels }],
        [`${family}_count`, { family, labels }],
      ]
    }),
  ])

/** What an expression of PromQL asks for. */
export interface Query {
  /** The families that it uses. */
  families: string[]
  /** Labels of what comes of it. */
  labels: string[]
  /** Names that no metric or no label has. */
  unknown: string[]
}

/** Reads an expression as simple as those of dashboards and rules are. */
export const readQuery = (text: string, metrics: ReadonlyMap<string, Metric>): Query => {
  const families: string[] = []
  const unknown: string[] = []
  const all = new Set<string>()
  for (const [, name = '', selector = ''] of text.matchAll(SELECTED)) {
    const metric = metrics.get(name)
    if (!metric) unknown.push(name)
    const labels = metric?.labels ?? []
    families.push(metric?.family ?? name)
    for (const label of labels) all.add(label)
    for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
      if (!labels.includes(label)) unknown.push(`${label} of ${name}`)
  }
  const kept = [...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, */))
  for (const label of kept) if (!all.has(label)) unknown.push(`by ${label}`)
  return { families, labels: kept.length > 0 ? kept : [...all], unknown }
}

const SELECTED = /\b(up|passport_gateway_\w+|process_\w+)\b(?:\{([^}]*)\})?/g
