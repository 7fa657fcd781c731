/** What one series of a family has at a moment. */
export type Reading = number | Distribution

/** How values were spread over the buckets of a histogram. */
export interface Distribution {
  /** How many values were at most the bound of the same place, each value in one bucket alone. */
  readonly counts: ArrayLike<number>
  /** How many there were, those beyond the last bound too. */
  readonly count: number
  readonly sum: number
}

/**
 * What the series of several processes with the same labels are together: their sum, the largest, the
 * smallest, or each by itself, with a label more that names its process.
 */
export type Together = 'sum' | 'most' | 'least' | 'each'

/** One metric, with a series for each set of values of its labels. */
export interface Family {
  /** By the conventions of Prometheus; that of a counter ends in `_total`. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  /** Upper bounds of buckets, rising; without `+Inf`. Only of histograms. */
  readonly bounds: readonly number[]
  readonly together: Together
  /** Shows each series: the values of its labels in their order, and what it has now. */
  read(show: (values: readonly string[], reading: Reading) => void): void
}

/** Which metric it is. */
export type Description = Pick<Family, 'name' | 'help'> &
  Partial<Pick<Family, 'labels' | 'together'>>

/** Only rises. */
export interface Counter {
  add(amount?: number): void
}

/** Takes values and forgets all but how they were spread. */
export interface Histogram {
  observe(value: number): void
}

/** A metric that is recorded where something happens. */
export interface Recorded<T> extends Family {
  /** The series with these values of the labels, in their order. Costs a look-up for each. */
  of(...values: string[]): T
}

export const createCounters = (description: Description): Recorded<Counter> =>
  record(description, { type: 'counter', bounds: [] }, () => new Count())

/** @param bounds upper bounds of buckets, rising */
export const createHistograms = (
  description: Description,
  bounds: readonly number[],
): Recorded<Histogram> =>
  record(description, { type: 'histogram', bounds }, () => new Spread(bounds))

/** A metric whose values are asked for when somebody wants to see them. */
export const createReading = (
  type: 'counter' | 'gauge',
  { name, help, labels = [], together = 'sum' }: Description,
  read: Family['read'],
): Family => ({ name, help, type, labels, bounds: [], together, read })

class Count implements Counter {
  reading = 0

  add(amount = 1): void {
    this.reading += amount
  }
}

class Spread implements Histogram, Distribution {
  readonly counts: Float64Array
  readonly #bounds: readonly number[]
  count = 0
  sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.counts = new Float64Array(bounds.length)
  }

  get reading(): this {
    return this
  }

  observe(value: number): void {
    this.count++
    this.sum += value
    const bounds = this.#bounds
    for (let i = 0; i < bounds.length; i++)
      if (value <= (bounds[i] as number)) {
        this.counts[i] = (this.counts[i] as number) + 1
        return
      }
  }
}

type Tree<T> = Map<string, Tree<T> | T>

const record = <T extends { readonly reading: Reading }>(
  { name, help, labels = [] }: Description,
  { type, bounds }: Pick<Family, 'type' | 'bounds'>,
  create: () => T,
): Recorded<T> => {
  const root: Tree<T> = new Map()
  const all: Array<{ values: readonly string[]; series: T }> = []

  const add = (values: readonly string[]): T => {
    const series = create()
    all.push({ values, series })
    return series
  }

  const find = (values: readonly string[]): T => {
    let tree = root
    const last = values.length - 1
    for (let i = 0; i < last; i++) {
      const value = values[i] as string
      const known = tree.get(value) as Tree<T> | undefined // what is above the last label is a tree
      if (!known) {
        // No series is ever forgotten, so there must not be one for whatever anybody comes up with.
        if (all.length >= LIMIT_SERIES) return rest()
        tree.set(value, (tree = new Map()))
      } else tree = known
    }
    const value = values[last] ?? ''
    const known = tree.get(value) as T | undefined
    if (known) return known
    if (all.length >= LIMIT_SERIES) return rest()
    const series = add(values)
    tree.set(value, series)
    return series
  }

  let others: T | undefined
  const rest = (): T => (others ??= add(labels.map(() => 'other')))

  return {
    name,
    help,
    type,
    labels,
    bounds,
    together: 'sum',
    of: (...values) => find(values),
    read: (show) => {
      for (const { values, series } of all) show(values, series.reading)
    },
  }
}

/** Series of one metric; all beyond are one, whose labels say `other`. */
export const LIMIT_SERIES = 10_000
