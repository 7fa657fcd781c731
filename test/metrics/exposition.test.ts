import t from 'tap'
import {
  createCounters,
  createHistograms,
  createReading,
  LIMIT_SERIES,
  type Family,
} from '../../lib/metrics/family.js'
import { OPEN_METRICS, preferredExposition, PROMETHEUS } from '../../lib/metrics/exposition.js'
import { parseExposition, valueIn } from '../support/exposition.js'

const sampleFamilies = (): Family[] => {
  const jobs = createCounters({ name: 'jobs_total', help: 'Jobs.', labels: ['kind', 'result'] })
  jobs.of('a', 'done').add()
  jobs.of('a', 'done').add(2)
  jobs.of('a', 'failed').add()
  const times = createHistograms(
    { name: 'job_seconds', help: 'Times.', labels: ['kind'] },
    [1, 2.5],
  )
  for (const value of [0.5, 1, 2, 100]) times.of('a').observe(value)
  const age = createReading('gauge', { name: 'age_seconds', help: 'Age.' }, (show) =>
    show([], Infinity),
  )
  return [jobs, times, age]
}

t.test('the text format of Prometheus', (t) => {
  const text = PROMETHEUS.write(sampleFamilies())
  t.equal(
    text,
    `# HELP jobs_total Jobs.
# TYPE jobs_total counter
jobs_total{kind="a",result="done"} 3
jobs_total{kind="a",result="failed"} 1
# HELP job_seconds Times.
# TYPE job_seconds histogram
job_seconds_bucket{kind="a",le="1"} 2
job_seconds_bucket{kind="a",le="2.5"} 3
job_seconds_bucket{kind="a",le="+Inf"} 4
job_seconds_sum{kind="a"} 103.5
job_seconds_count{kind="a"} 4
# HELP age_seconds Age.
# TYPE age_seconds gauge
age_seconds +Inf
`,
  )
  t.equal(parseExposition(text).size, 3)
  t.end()
})

t.test('OpenMetrics', (t) => {
  const text = OPEN_METRICS.write(sampleFamilies())
  t.match(text, '# TYPE jobs counter\njobs_total{kind="a",result="done"} 3\n')
  t.match(text, '# TYPE job_seconds histogram\n# UNIT job_seconds seconds\n')
  t.match(text, 'job_seconds_bucket{kind="a",le="1.0"} 2\n')
  t.ok(text.endsWith('\n# EOF\n'))
  t.equal(parseExposition(text, true).size, 3)
  t.end()
})

t.test('whatever is in a label, it stays one label', (t) => {
  const hostile = 'a"b\\c\nd{e}=","'
  const odd = createCounters({ name: 'odd_total', help: 'Odd.', labels: ['what'] })
  odd.of(hostile).add()
  const families = parseExposition(PROMETHEUS.write([odd]))
  t.equal(valueIn(families, 'odd_total', { what: hostile }), 1)
  const below = createReading('gauge', { name: 'below', help: 'Below.' }, (show) =>
    show([], -Infinity),
  )
  t.equal(valueIn(parseExposition(PROMETHEUS.write([below])), 'below'), -Infinity)
  t.end()
})

t.test('a metric has a bounded number of series; what is beyond is one', (t) => {
  const bounded = createCounters({ name: 'b_total', help: 'B.', labels: ['one', 'two'] })
  for (let i = 0; i < LIMIT_SERIES; i++) bounded.of('a', String(i)).add()
  bounded.of('a', '0').add()
  for (let i = 0; i < 50; i++) bounded.of('a', `more ${i}`).add()
  for (let i = 0; i < 50; i++) bounded.of(`more ${i}`, '').add()
  const { samples = [] } = parseExposition(PROMETHEUS.write([bounded])).get('b_total') ?? {}
  t.equal(samples.length, LIMIT_SERIES + 1)
  t.same(samples.at(-1), { name: 'b_total', labels: { one: 'other', two: 'other' }, value: 100 })
  t.same(samples[0]?.value, 2)
  t.end()
})

t.test('who collects gets the format that he would rather have', (t) => {
  const open = 'application/openmetrics-text'
  const rows: Array<[string, typeof PROMETHEUS]> = [
    ['', PROMETHEUS],
    ['*/*', PROMETHEUS],
    ['text/plain', PROMETHEUS],
    [open, OPEN_METRICS],
    [`${open};version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`, OPEN_METRICS],
    [`${open}; q=0.2, text/plain; q=0.5`, PROMETHEUS],
    [`${open};q=0`, PROMETHEUS],
    [`${open};q=x`, PROMETHEUS],
    [`text/html,${open.toUpperCase()};Q=0.5`, OPEN_METRICS],
  ]
  for (const [accept, expected] of rows) t.equal(preferredExposition(accept), expected, accept)
  t.end()
})
