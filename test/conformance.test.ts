import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const RUNNER = fileURLToPath(new URL('conformance/run.mjs', import.meta.url))

t.test('seen from outside, the built gateway does all that HTTP says a proxy must', async (t) => {
  const args = [RUNNER, '--only', 'gateway', '--check']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const [, passed, all] = /^gateway: MUST (\d+)\/(\d+)/m.exec(stdout) ?? []
  t.ok(Number(all) > 60, 'it was asked about all of it')
  t.equal(passed, all)
})
