// The parts of the bench that take no time.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

// They are plain modules without types: these are what is used of them here.
const part = async <T>(name: string): Promise<T> =>
  (await import(new URL(`./bench/${name}.mjs`, import.meta.url).href)) as T

interface Verdict {
  text: string
  target: string
  value: number
  isMet: boolean | undefined
}
type Judge = (what: string, numbers: number[], limit: number, how?: object) => Verdict
type Figures = Map<string, { microseconds: number[]; perSecond: number[] }>

t.test('what wrk was told to write is read, and anything else is no figure', async (t) => {
  const { parseWrk } = await part<{ parseWrk: (output: string) => object }>('wrk')
  const line = '{"requests":90,"microseconds":2000000,"refused":3,"errors":1,"used":70}'
  t.same(parseWrk(`Running 2s test\n  90 requests in 2.00s\n\n${line}\n`), {
    answered: 90,
    refused: 3,
    broken: 1,
    seconds: 2,
    used: 70,
  })
  t.throws(() => parseWrk('unable to connect to 127.0.0.1:9\n'), /did not say what it did/)
})

t.test('CPU time is that of all threads, and of children', async (t) => {
  const { cpuMicrosecondsOf } = await part<{
    cpuMicrosecondsOf: (pid: number, proc: string) => number | undefined
  }>('cpu')
  const proc = mkdtempSync(join(tmpdir(), 'proc-'))
  t.teardown(() => rmSync(proc, { recursive: true }))
  const plant = (pid: number, task: number, nanoseconds: number, children = ''): void => {
    const folder = join(proc, String(pid), 'task', String(task))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'schedstat'), `${nanoseconds} 8 15\n`)
    writeFileSync(join(folder, 'children'), children)
  }
  plant(7, 7, 5_000, '9 ')
  plant(7, 8, 2_000)
  plant(9, 9, 1_000_000)
  t.equal(cpuMicrosecondsOf(7, proc), 1_007)
  t.equal(cpuMicrosecondsOf(8, proc), undefined, 'there is no such process')
})

t.test('a ratio is of what was measured in the same round', async (t) => {
  const { ratiosOf } = await part<{
    ratiosOf: (figures: Figures, one: string, other: string) => number[]
  }>('turns')
  const figures = new Map([
    ['one', { microseconds: [10, 30], perSecond: [] }],
    ['other', { microseconds: [20, 10], perSecond: [] }],
  ])
  t.same(ratiosOf(figures, 'one', 'other'), [0.5, 3])
})

t.test('the median is what meets a target', async (t) => {
  const { atLeast, atMost } = await part<{ atLeast: Judge; atMost: Judge }>('verdicts')
  t.match(atMost('it', [3, 1, 2], 2), { value: 2, isMet: true, target: '≤ 2' })
  t.match(atMost('it', [3, 1, 2.5], 2, { digits: 1, unit: ' ms' }), {
    isMet: false,
    text: '2.5 (1.0 to 3.0) ms',
  })
  t.match(atLeast('it', [3, 1, 2], 2), { isMet: true, target: '≥ 2' })
  t.match(atLeast('it', [3, 1, 1.5], 2), { isMet: false })
})

t.test('every text of a plot is text, and bars are as long as what they stand for', async (t) => {
  const { barsSvg } = await part<{ barsSvg: (plot: object) => string }>('svg')
  const bars = [
    { label: '<pipe> & "co"', median: 20, least: 15, most: 40 },
    { label: 'gateway', median: 10, least: 10, most: 10, isOurs: true },
  ]
  const svg = barsSvg({ title: 'a < b', note: 'now', bars })
  t.match(svg, '&lt;pipe&gt; &amp; &quot;co&quot;')
  t.match(svg, 'a &lt; b')
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width))
  t.equal(widths.length, 2)
  t.equal(widths[0], 2 * (widths[1] ?? NaN))
  t.match(svg, /class="bar ours"[^>]*y="72"/)
})
