import t from 'tap'
import { PROMETHEUS } from '../../lib/metrics/exposition.js'
import {
  createCounters,
  createHistograms,
  createReading,
  LIMIT_SERIES,
  type Family,
} from '../../lib/metrics/family.js'
import { addFigures, familyOf, figuresOf } from '../../lib/metrics/figures.js'

/** What two processes have together, as it is written. */
const together = (one: Family[], other: Family[]): string[] =>
  PROMETHEUS.write(
    addFigures([
      { process: '1', families: structuredClone(figuresOf(one)) },
      { process: '2', families: structuredClone(figuresOf(other)) },
    ]).map(familyOf),
  )
    .split('\n')
    .filter((line) => !line.startsWith('#') && line !== '')

t.test('totals add up by their labels', (t) => {
  const counters = (...counts: Array<[string, number]>): Family[] => {
    const family = createCounters({ name: 'a_total', help: 'A.', labels: ['of'] })
    for (const [label, count] of counts) family.of(label).add(count)
    return [family]
  }
  t.same(together(counters(['x', 1], ['y', 2]), counters(['y', 3], ['z', 4])), [
    'a_total{of="x"} 1',
    'a_total{of="y"} 5',
    'a_total{of="z"} 4',
  ])
  t.end()
})

t.test('so do histograms, bucket by bucket', (t) => {
  const histogram = (...values: number[]): Family[] => {
    const family = createHistograms({ name: 'h', help: 'H.' }, [1, 10])
    for (const value of values) family.of().observe(value)
    return [family]
  }
  t.same(together(histogram(0.5, 5, 50), histogram(5)), [
    'h_bucket{le="1"} 1',
    'h_bucket{le="10"} 3',
    'h_bucket{le="+Inf"} 4',
    'h_sum 60.5',
    'h_count 4',
  ])
  t.end()
})

t.test('of levels each has its rule', (t) => {
  for (const [rule, expected] of [
    ['sum', ['g{of="x"} 5']],
    ['most', ['g{of="x"} 3']],
    ['least', ['g{of="x"} 2']],
    ['each', ['g{of="x",worker="1"} 3', 'g{of="x",worker="2"} 2']],
  ] as const) {
    const gauge = (value: number): Family =>
      createReading('gauge', { name: 'g', help: 'G.', labels: ['of'], together: rule }, (show) =>
        show(['x'], value),
      )
    t.same(together([gauge(3)], [gauge(2)]), expected, rule)
  }
  t.end()
})

t.test('what processes have together is bounded as what one has', (t) => {
  const many = (name: string): Family => {
    const family = createCounters({ name: 'a_total', help: 'A.', labels: ['of'] })
    for (let i = 0; i < LIMIT_SERIES; i++) family.of(`${name}${i}`).add()
    return family
  }
  const lines = together([many('x')], [many('y')])
  t.equal(lines.length, LIMIT_SERIES + 1)
  t.equal(lines.at(-1), `a_total{of="other"} ${LIMIT_SERIES}`)
  t.end()
})

t.test('what is of two kinds, as of two versions, is not added', (t) => {
  const number = createReading('counter', { name: 'a', help: 'A.' }, (show) => show([], 1))
  const spread = createHistograms({ name: 'a', help: 'A.' }, [1])
  spread.of().observe(1)
  t.same(together([number], [spread]), ['a 1'])
  const wider = createHistograms({ name: 'a', help: 'A.' }, [1, 2])
  wider.of().observe(2)
  t.same(together([wider], [spread]).slice(-2), ['a_sum 3', 'a_count 2'])
  t.end()
})
