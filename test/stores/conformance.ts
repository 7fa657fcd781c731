// What every engine must do, whatever database it stands on.
import type { Test } from 'tap'
import { conformIdempotency } from './conform-idempotency.js'
import { conformRevocations } from './conform-revocations.js'
import type { Open } from './conform-samples.js'
import { conformThrottle } from './conform-throttle.js'
import { conformUsers } from './conform-users.js'

/** Runs the whole suite. */
export const conform = async (t: Test, open: Open): Promise<void> => {
  await t.test('a schema that is up to date lacks nothing', async (t) => {
    const [engine] = await open(t)
    t.equal(await engine.pending(), '')
  })
  await t.test('users', (t) => conformUsers(t, open))
  await t.test('idempotency', (t) => conformIdempotency(t, open))
  await t.test('revocations', (t) => conformRevocations(t, open))
  await t.test('throttle', (t) => conformThrottle(t, open))
}
