import { LIMIT_SERIES, type Family, type Reading } from './family.js'

/** A metric as it is at a moment, which can be sent to another process. */
export interface FamilyFigures extends Omit<Family, 'read'> {
  series: Array<readonly [values: readonly string[], reading: Reading]>
}

export const figuresOf = (families: readonly Family[]): FamilyFigures[] =>
  families.map((family) => {
    const { name, help, type, labels, bounds, together } = family
    const series: FamilyFigures['series'] = []
    family.read((values, reading) => series.push([values, copied(reading)]))
    return { name, help, type, labels, bounds, together, series }
  })

const copied = (reading: Reading): Reading =>
  typeof reading === 'number'
    ? reading
    : { counts: Array.from(reading.counts), count: reading.count, sum: reading.sum }

/** The same, to be written for whoever collects them. */
export const familyOf = ({ series, ...about }: FamilyFigures): Family => ({
  ...about,
  read: (show) => {
    for (const [values, reading] of series) show(values, reading)
  },
})

/** What one process has. */
export interface ProcessFigures {
  /** What it is called where each counts by itself. */
  process: string
  families: readonly FamilyFigures[]
}

/** What all have together, by the rule of each metric. */
export const addFigures = (all: readonly ProcessFigures[]): FamilyFigures[] => {
  const sums = new Map<string, Sum>()
  for (const { process, families } of all)
    for (const family of families) {
      const isEach = family.together === 'each'
      const labels = isEach ? [...family.labels, 'worker'] : family.labels
      const sum = sums.get(family.name) ?? { about: { ...family, labels }, series: new Map() }
      sums.set(family.name, sum)
      for (const [values, reading] of family.series)
        add(sum, isEach ? [...values, process] : values, reading)
    }
  return [...sums.values()].map(({ about, series }) => ({ ...about, series: [...series.values()] }))
}

interface Sum {
  about: FamilyFigures
  /** By the values of their labels. */
  series: Map<string, FamilyFigures['series'][number]>
}

const add = ({ about, series }: Sum, values: readonly string[], reading: Reading): void => {
  const key = JSON.stringify(values)
  const known = series.get(key)
  if (known) series.set(key, [values, joined(known[1], reading, about.together)])
  else if (series.size < LIMIT_SERIES) series.set(key, [values, reading])
  else {
    const others = about.labels.map(() => 'other')
    const rest = JSON.stringify(others)
    const sum = series.get(rest)
    series.set(rest, [others, sum ? joined(sum[1], reading, about.together) : reading])
  }
}

const joined = (one: Reading, other: Reading, together: Family['together']): Reading => {
  if (typeof one === 'number' && typeof other === 'number')
    return together === 'most'
      ? Math.max(one, other)
      : together === 'least'
        ? Math.min(one, other)
        : one + other
  if (typeof one === 'number' || typeof other === 'number') return one // of two versions: it cannot be added
  return {
    counts: Array.from(one.counts, (count, i) => count + (other.counts[i] ?? 0)),
    count: one.count + other.count,
    sum: one.sum + other.sum,
  }
}
