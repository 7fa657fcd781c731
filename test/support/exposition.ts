// A strict reader of metrics as they are exposed: the text format of Prometheus, and OpenMetrics 1.0.

interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface Exposed {
  type: string
  help: string
  unit: string | undefined
  samples: Sample[]
}

/** @throws Error for whatever either format does not allow */
export const parseExposition = (text: string, isOpenMetrics = false): Map<string, Exposed> => {
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('the last line has no line feed')
  if (isOpenMetrics && lines.pop() !== '# EOF') throw new Error('there is no EOF')
  const families = new Map<string, Exposed>()
  let current: [name: string, family: Exposed] | undefined
  const seen = new Set<string>()
  for (const line of lines) {
    const told = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line)
    if (told) {
      const [, kind, name = '', rest = ''] = told
      if (kind === 'HELP') {
        if (families.has(name)) throw new Error(`${name} comes twice`)
        current = [name, { type: '', help: rest, unit: undefined, samples: [] }]
        families.set(...current)
      } else if (current?.[0] !== name || current[1].samples.length > 0) throw new Error(line)
      else if (kind === 'TYPE') current[1].type = rest
      else if (isOpenMetrics && name.endsWith(`_${rest}`)) current[1].unit = rest
      else throw new Error(line)
      continue
    }
    if (!current) throw new Error(`of no family: ${line}`)
    if (seen.has(line.replace(/ \S+$/, ''))) throw new Error(`comes twice: ${line}`)
    seen.add(line.replace(/ \S+$/, ''))
    const sample = parseSample(line)
    const endings = ENDINGS[current[1].type as keyof typeof ENDINGS]
    const counter = current[1].type === 'counter' && isOpenMetrics ? '_total' : ''
    if (!endings?.some((ending) => sample.name === current?.[0] + counter + ending))
      throw new Error(`in the wrong place: ${line}`)
    current[1].samples.push(sample)
  }
  for (const [name, family] of families) checkFamily(name, family, isOpenMetrics)
  return families
}

const ENDINGS = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] }

const parseSample = (line: string): Sample => {
  const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
  if (!parts) throw new Error(`no sample: ${line}`)
  const [, name = '', list = '', number = ''] = parts
  const value = number === '+Inf' ? Infinity : number === '-Inf' ? -Infinity : Number(number)
  if (Number.isNaN(value) && number !== 'NaN') throw new Error(`no number: ${line}`)
  const labels: Record<string, string> = {}
  let rest = list
  while (rest !== '') {
    const label = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/.exec(rest)
    if (!label) throw new Error(`no label: ${rest}`)
    const [whole, key = '', raw = ''] = label
    if (key in labels) throw new Error(`twice in one sample: ${key}`)
    labels[key] = raw.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one))
    rest = rest.slice(whole.length)
  }
  return { name, labels, value }
}

const checkFamily = (name: string, { type, samples }: Exposed, isOpenMetrics: boolean): void => {
  if (type === 'counter' && name.endsWith('_total') === isOpenMetrics) throw new Error(name)
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(name)
  if (type === 'histogram') for (const series of seriesOf(samples)) checkHistogram(name, series)
}

const seriesOf = (samples: readonly Sample[]): Sample[][] => {
  const all = new Map<string, Sample[]>()
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels
    const key = JSON.stringify(labels)
    all.set(key, [...(all.get(key) ?? []), sample])
  }
  return [...all.values()]
}

const checkHistogram = (name: string, series: readonly Sample[]): void => {
  const buckets = series.filter((sample) => sample.name.endsWith('_bucket'))
  const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Infinity : Number(labels.le)))
  const counts = buckets.map(({ value }) => value)
  const count = series.find((sample) => sample.name.endsWith('_count'))?.value
  const isRising = (list: number[], isStrict: boolean): boolean =>
    list.every(
      (one, i) => i === 0 || one > (list[i - 1] as number) || (!isStrict && one === list[i - 1]),
    )
  if (!isRising(bounds, true) || !isRising(counts, false)) throw new Error(`${name} does not rise`)
  if (bounds.at(-1) !== Infinity || counts.at(-1) !== count) throw new Error(`${name} has no end`)
}

/** The value of the one sample with these labels; `undefined` where there is none. */
export const valueIn = (
  families: Map<string, Exposed>,
  name: string,
  labels: Record<string, string> = {},
): number | undefined => {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
  const found = family?.samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )
  if ((found?.length ?? 0) > 1) throw new Error(`${name} has more than one such sample`)
  return found?.[0]?.value
}
