import t from 'tap'
import { createLogOutput, type Dropped, type LogOutput } from '../../bin/log-output.js'
import { until } from '../support/until.js'

/** A reader that takes what a test allows, and then answers with an error. */
interface Reader {
  output: LogOutput
  /** What it took. */
  text: string
  takes: number
  /** The bytes of each write. */
  writes: string[]
  dropped: Dropped[]
  roomBytes: number
  trouble: string
}

const start = (roomBytes = Infinity, limitBytes = 1_000, isShared = false): Reader => {
  const reader: Omit<Reader, 'output'> = {
    text: '',
    takes: 0,
    writes: [],
    dropped: [],
    roomBytes,
    trouble: 'EAGAIN',
  }
  const output = createLogOutput({
    fd: 1,
    limitBytes,
    isShared,
    onDropped: (dropped) => {
      reader.dropped.push(dropped)
      output.write(`dropped ${dropped.lines}\n`, false)
    },
    take: (_, bytes) => {
      reader.takes++
      reader.writes.push(bytes.toString())
      const taken = Math.min(bytes.length, reader.roomBytes)
      if (taken === 0) throw Object.assign(new Error('no room'), { code: reader.trouble })
      reader.text += bytes.toString('latin1', 0, taken)
      reader.roomBytes -= taken
      return taken
    },
  })
  return Object.assign(reader, { output })
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

t.test('the lines of one turn are one write, in their order', async (t) => {
  const reader = start()
  for (let i = 0; i < 3; i++) reader.output.write(`line ${i}\n`, false)
  t.equal(reader.text, '')
  await turn()
  t.equal(reader.text, 'line 0\nline 1\nline 2\n')
})

t.test('lines that come soon after a write wait for each other', async (t) => {
  const reader = start(Infinity, 1e9)
  reader.output.write('line 0\n', false)
  await turn()
  const startMs = performance.now()
  let count = 1
  for (; performance.now() - startMs < 50; count++) {
    reader.output.write(`line ${count}\n`, false)
    await turn()
  }
  await until('all are written', () => reader.text.endsWith(`line ${count - 1}\n`))
  t.equal(reader.text.match(/line/g)?.length, count)
  t.ok(reader.takes <= 8, `${reader.takes} writes of ${count} lines`)
})

t.test('lines of successes wait for each other, and not for long', async (t) => {
  const reader = start()
  reader.output.write('line 0\n', true)
  await turn()
  t.equal(reader.text, '')
  reader.output.write('line 1\n', true)
  await until('they are written', () => reader.text === 'line 0\nline 1\n')
  t.equal(reader.takes, 1)
  const other = start()
  other.output.write('line 2\n', true)
  other.output.write('line 3\n', false)
  await turn()
  t.equal(other.text, 'line 2\nline 3\n', 'another line takes them with it')
})

t.test('an error waits for nothing', async (t) => {
  const reader = start()
  reader.output.write('line 0\n', false, 'warn')
  await turn()
  reader.output.write('line 1\n', false, 'warn')
  reader.output.write('line 2\n', false, 'error')
  await turn()
  t.equal(reader.text, 'line 0\nline 1\nline 2\n')
})

t.test('many lines of one turn are all written', async (t) => {
  const reader = start(Infinity, 1e9)
  const line = `${'x'.repeat(999)}\n`
  for (let i = 0; i < 200; i++) reader.output.write(line, true)
  await turn()
  t.equal(reader.text, line.repeat(200))
  t.ok(reader.takes < 5, `${reader.takes} writes`)
})

for (const trouble of ['EAGAIN', 'ENOSPC', 'EPIPE'])
  t.test(`what was taken in part goes on where it stopped: ${trouble}`, async (t) => {
    const reader = start(9, 10_000)
    reader.trouble = trouble
    reader.output.write('line 0\n', false)
    reader.output.write('line 1\n', false)
    await turn()
    t.equal(reader.text, 'line 0\nli')
    const more = 'line 2\n'.repeat(50)
    for (const line of more.match(/.*\n/g) ?? []) {
      reader.output.write(line, true)
      await turn()
    }
    t.ok(reader.takes < 25, 'whoever waits does not ask at each line')
    reader.roomBytes = Infinity
    await until('it is asked again', () => reader.text === `line 0\nline 1\n${more}`)
    t.same(reader.dropped, [])
  })

t.test('without room successes are dropped first, then all; it is told how many', async (t) => {
  const reader = start(0, 1_000)
  const line = `${'x'.repeat(99)}\n`
  for (let i = 0; i < 8; i++) reader.output.write(line, true)
  for (let i = 0; i < 8; i++) reader.output.write(`${'r'.repeat(99)}\n`, false)
  await turn()
  t.same(reader.dropped, [])
  reader.roomBytes = Infinity
  await until('it is told', () => reader.text.endsWith('dropped 6\n'))
  t.same(reader.dropped, [{ lines: 6, successes: 3 }])
  t.equal(reader.text.split('\n').filter((text) => text.startsWith('x')).length, 5)
  t.equal(reader.text.split('\n').filter((text) => text.startsWith('r')).length, 5)
  reader.output.write(line, false)
  await until('there is room again', () => reader.text.endsWith(line))
  t.equal(reader.dropped.length, 1, 'it is told once')
})

t.test('at the end all is written, and what was dropped is told', (t) => {
  const reader = start(Infinity, 100)
  reader.output.write(`${'x'.repeat(80)}\n`, false)
  reader.output.write(`${'y'.repeat(80)}\n`, false)
  t.equal(reader.output.flush(), 0)
  t.equal(reader.text, `${'x'.repeat(80)}\ndropped 1\n`)
  t.equal(reader.output.flush(), 0)
  t.end()
})

t.test('at the end a slow reader is waited for, but not for ever', (t) => {
  const reader = start(0)
  reader.output.write('line 0\n', false)
  const startMs = performance.now()
  t.equal(reader.output.flush(), 7, 'the bytes that nobody took')
  t.ok(performance.now() - startMs >= 3_000)
  t.ok(reader.takes > 20)
  t.end()
})

t.test('at the end a reader that is gone is not waited for', (t) => {
  const reader = start(0)
  reader.trouble = 'EPIPE'
  reader.output.write('line 0\n', false)
  t.equal(reader.output.flush(), 7)
  t.equal(reader.takes, 1)
  t.end()
})

t.test('where others write too, a write is of whole lines, as a pipe takes whole', async (t) => {
  const reader = start(Infinity, 1e9, true)
  const lines = Array.from({ length: 500 }, (_, i) => `${i} ${'é'.repeat(i)}\n`)
  const long = `${'x'.repeat(5_000)}\n`
  for (const line of [...lines, long, 'last\n']) reader.output.write(line, true)
  await turn()
  t.equal(reader.writes.join(''), [...lines, long, 'last\n'].join(''))
  for (const write of reader.writes) {
    t.ok(write.endsWith('\n'))
    t.ok(write === long || Buffer.byteLength(write) <= 4_096)
  }
  t.ok(reader.writes.length < 120, 'as many lines as there is room for')
})
