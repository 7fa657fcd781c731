import type { Distribution, Family, Reading } from './family.js'

/** How metrics are written for whoever collects them. */
export interface Exposition {
  readonly contentType: string
  readonly write: (families: readonly Family[]) => string
}

/** The text format of Prometheus, version 0.0.4. */
export const PROMETHEUS: Exposition = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  write: (families) =>
    families.map((family) => block(family, { title: family.name, boundText: String })).join(''),
}

/** OpenMetrics 1.0.0. */
export const OPEN_METRICS: Exposition = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  write: (families) => {
    const blocks = families.map((family) => {
      const title = family.name.replace(/_total$/, '')
      const unit = /_(seconds|bytes)$/.exec(title)?.[1]
      return block(family, { title, unit, boundText: canonical })
    })
    return blocks.join('') + '# EOF\n'
  },
}

/** The one that the value of `Accept` would rather have (RFC 9110 Section 12.5.1). */
export const preferredExposition = (accept: string): Exposition => {
  const quality = (type: string): number => {
    const range = accept
      .split(',')
      .map((entry) => entry.split(';').map((part) => part.trim().toLowerCase()))
      .find(([name]) => name === type)
    if (!range) return 0
    const weight = range.find((part) => part.startsWith('q='))
    return weight === undefined ? 1 : Number(weight.slice(2)) || 0
  }
  const wanted = quality('application/openmetrics-text')
  return wanted > 0 && wanted >= quality('text/plain') ? OPEN_METRICS : PROMETHEUS
}

// In OpenMetrics a bound is a float, so that 1 and 1.0 are not two buckets.
const canonical = (bound: number): string =>
  Number.isInteger(bound) ? bound.toFixed(1) : String(bound)

interface Style {
  title: string
  unit?: string | undefined
  boundText: (bound: number) => string
}

const block = (family: Family, { title, unit, boundText }: Style): string => {
  const lines = [`# HELP ${title} ${family.help}`, `# TYPE ${title} ${family.type}`]
  if (unit !== undefined) lines.push(`# UNIT ${title} ${unit}`)
  family.read((values, reading) => lines.push(...samples(family, values, reading, boundText)))
  return lines.join('\n') + '\n'
}

const samples = (
  { name, labels, bounds }: Family,
  values: readonly string[],
  reading: Reading,
  boundText: Style['boundText'],
): string[] => {
  const own = labels.map((label, i) => `${label}="${escape(values[i] as string)}"`)
  if (typeof reading === 'number') return [`${name}${braced(own)} ${numberText(reading)}`]
  const buckets = cumulated(reading, bounds).map(
    ([bound, count]) =>
      `${name}_bucket${braced([...own, `le="${bound === Infinity ? '+Inf' : boundText(bound)}"`])} ${count}`,
  )
  return [
    ...buckets,
    `${name}_sum${braced(own)} ${numberText(reading.sum)}`,
    `${name}_count${braced(own)} ${reading.count}`,
  ]
}

/** Each bound, the last being `Infinity`, with how many values were not beyond it. */
const cumulated = (
  { counts, count }: Distribution,
  bounds: readonly number[],
): Array<[number, number]> => {
  let sum = 0
  const rows = bounds.map((bound, i): [number, number] => [bound, (sum += counts[i] as number)])
  return [...rows, [Infinity, count]]
}

const braced = (labels: readonly string[]): string =>
  labels.length > 0 ? `{${labels.join(',')}}` : ''

const numberText = (value: number): string =>
  value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value)

const escape = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
