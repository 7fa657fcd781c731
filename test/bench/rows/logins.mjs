// How late others are answered while many log in at once. The gateway has all cores here, as it hashes
// beside its event loop.
import { createProcesses } from '../../faults/processes.mjs'
import { watchLogins } from '../../load/scenarios/logins.mjs'
import { createScene } from '../../load/scene.mjs'
import { atMost, shown } from '../verdicts.mjs'

const LIMIT = 2
const LOGINS = 200

export const logins = {
  name: 'logins',
  title: 'Proxied requests beside logins',
  rivals: ['gateway'],
  measure: async ({ rounds }) => {
    const processes = createProcesses()
    const scene = createScene(processes, 'gateway', 'logins')
    try {
      const { without, beside, errors } = await watchLogins(scene, { turns: rounds, count: LOGINS })
      if (errors > 0) throw new Error(`${errors} requests failed`)
      const ratios = beside.map((p99, turn) => p99 / without[turn])
      return {
        verdicts: [
          atMost(`p99 beside ${LOGINS} logins ÷ without`, ratios, LIMIT),
          shown('p99 without', without, { unit: ' ms' }),
          shown('p99 beside', beside, { unit: ' ms' }),
        ],
      }
    } finally {
      await scene.close()
      processes.stop()
    }
  },
}
