import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { openThread } from '../lib/threads.js'

t.test('a thread has the options of the process, but for those of a program as text', async (t) => {
  const dir = t.testdir({
    'thread.mjs': `import { parentPort, workerData } from 'node:worker_threads'
      parentPort.postMessage([workerData, process.execArgv])`,
  })
  const file = pathToFileURL(join(dir, 'thread.mjs'))
  t.same(await once(openThread(file, 'data'), 'message'), [['data', process.execArgv]])
  const { execArgv } = process
  t.teardown(() => void (process.execArgv = execArgv))
  process.execArgv = ['--input-type=module', '--eval', 'text']
  t.same(await once(openThread(file), 'message'), [[undefined, []]])
})
