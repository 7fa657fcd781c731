import { parentPort, type MessagePort } from 'node:worker_threads'
import bcrypt from 'bcrypt'

/** A password to be hashed at a cost, or to be compared with a hash. */
export type HashWork = { password: string; cost: number } | { password: string; hash: string }

// This file is only ever run as a worker, which has a port.
const port = parentPort as MessagePort
port.on('message', (work: HashWork | 'end') => {
  if (work === 'end') port.close()
  else if ('cost' in work) port.postMessage(bcrypt.hashSync(work.password, work.cost))
  else port.postMessage(bcrypt.compareSync(work.password, work.hash))
})
