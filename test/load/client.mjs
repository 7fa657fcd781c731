// One client, a process of its own: it is sent its `{ role, options }`, says `on` once it is what it shall
// be, and answers the next message with its figures when it is done.
import { once } from 'node:events'
import { startAborts } from './clients/aborts.mjs'
import { startAsking } from './clients/asking.mjs'
import { startIdle } from './clients/idle.mjs'
import { startReaders } from './clients/readers.mjs'
import { startSlow } from './clients/slow.mjs'
import { startSteady } from './clients/steady.mjs'

const ROLES = {
  aborts: startAborts,
  asking: startAsking,
  idle: startIdle,
  readers: startReaders,
  slow: startSlow,
  steady: startSteady,
}

process.on('disconnect', () => process.exit())
const [{ role, options }] = await once(process, 'message')
const running = await ROLES[role](options)
process.send('on')
await once(process, 'message')
process.send(await running.finish())
