// CPU time of a process as the system counts it: of all its threads, and of its children.
import { readdirSync, readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** The first field of a `schedstat` is the time on a CPU, in nanoseconds. */
export const parseSchedstat = (text) => Number(text.split(' ', 1)[0]) / 1_000

/** `undefined` where the system does not tell. `proc` is where it does. */
export const cpuMicrosecondsOf = (pid, proc = '/proc') => {
  try {
    const tasks = `${proc}/${pid}/task`
    let sum = 0
    for (const task of readdirSync(tasks)) {
      sum += parseSchedstat(readFileSync(`${tasks}/${task}/schedstat`, 'utf8'))
      for (const child of readFileSync(`${tasks}/${task}/children`, 'utf8').match(/\d+/g) ?? [])
        sum += cpuMicrosecondsOf(child, proc)
    }
    return sum
  } catch {
    return undefined
  }
}

export const isCpuTold = () => cpuMicrosecondsOf(process.pid) !== undefined

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0

/** A command and its arguments as they keep to one core; `undefined` leaves it to the system. */
export const pinned = (core, command, args) =>
  canPin && core !== undefined
    ? ['taskset', ['-c', String(core), command, ...args]]
    : [command, args]

/** What is measured has a core of its own, everything else the other one. */
export const CORES = { contender: 0, others: 1 }

export const pinning = () =>
  canPin ? 'on core 0, load and service on core 1' : 'on no core of its own'
