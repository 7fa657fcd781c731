import { systemClock, type Clock } from '../../lib/clock.js'
import { DEFAULTS } from '../../lib/defaults.js'
import { createAskedEngine, engineVerbs } from '../../lib/stores/asked-engine.js'
import { createCalls, type Call, type Calls } from '../../lib/stores/calls.js'
import type { Engine } from '../../lib/stores/engine.js'
import { createMemoryEngine } from '../../lib/stores/memory-engine.js'
import { createAnswering } from '../../lib/stores/verbs.js'

/** A token of the gateway's own is accepted for a day. */
const OWN_LIFE_SECONDS = 86_400

/** The memory of a process, and what others have who ask it: messages are copied on their way, and take a while. */
export const createAskedMemory = (
  limits: Partial<Record<keyof typeof DEFAULTS.limits, number>> = {},
  clock: Clock = systemClock,
) => {
  const memory = createMemoryEngine({
    clock,
    limits: { ...DEFAULTS.limits, ...limits },
    ownLifeSeconds: OWN_LIFE_SECONDS,
  })
  const answer = createAnswering(engineVerbs(memory))
  const connect = (timeoutMs = 10_000, limitWaiting = 10_000): { engine: Engine; calls: Calls } => {
    const carry = async (call: Call): Promise<void> =>
      calls.take(structuredClone(await answer(structuredClone(call))))
    const calls: Calls = createCalls((call) => setImmediate(() => void carry(call)), limitWaiting)
    const listen = (onNews: () => void): void =>
      memory.revocations.listen(() => setImmediate(onNews))
    return { engine: createAskedEngine({ calls, listen, timeoutMs }), calls }
  }
  return { memory, answer, connect }
}
