import t from 'tap'
import { createProgress } from '../../bin/progress.js'
import { createManualClock } from '../support/manual-clock.js'

const create = (isTTY: boolean, totalBytes?: number) => {
  const written: string[] = []
  const clock = createManualClock()
  const write = (text: string): void => void written.push(text.replace('\r\u001b[K', '<'))
  const progress = createProgress({ stderr: { write, isTTY }, clock, totalBytes })
  return { written, clock, progress }
}

t.test('one line is rewritten, ten times a second at most, and stays as it ends', async (t) => {
  const { written, clock, progress } = create(true)
  progress.show(10, 0)
  clock.advance(99)
  progress.show(20, 0)
  t.same(written, ['<10 rows'])
  clock.advance(1)
  progress.show(30, 0)
  t.same(written.splice(0), ['<10 rows', '<30 rows 300 rows/s'])
  progress.clear()
  progress.clear()
  t.same(written.splice(0), ['<'])
  progress.end()
  t.same(written, ['<30 rows 300 rows/s', '\n'])
})

t.test('of an input of known size its share is shown, which never is more than all', async (t) => {
  for (const [bytes, start] of [
    [1, '<[------------------------] 0 % '],
    [75, '<[#########---------------] 37 % '],
    [200, '<[########################] 100 % '],
    [300, '<[########################] 100 % '],
  ] as const) {
    const { written, progress } = create(true, 200)
    progress.show(5, bytes)
    t.same(written, [`${start}5 rows`])
  }
})

t.test('where there is nothing to show nothing is shown', async (t) => {
  const none = create(true)
  none.progress.end()
  t.same(none.written, [])
  const plain = create(false, 100)
  plain.progress.show(1, 1)
  plain.progress.clear()
  plain.progress.end()
  t.same(plain.written, [])
})
