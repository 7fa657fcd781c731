// Programs that are measured where they are installed, each as one process of one thread.
import { writeFileSync } from 'node:fs'
import { listening } from '../../conformance/launch.mjs'
import { freePort } from '../../faults/processes.mjs'
import { cpuMicrosecondsOf, isCpuTold } from '../cpu.mjs'
import { fileOf, startProgram } from '../processes.mjs'
import { haproxy } from './haproxy.mjs'
import { nginx } from './nginx.mjs'

const PROGRAMS = { haproxy, nginx }

/** `undefined` where it cannot be measured. */
export const versionOf = (name) => (isCpuTold() ? PROGRAMS[name]?.version() : undefined)

export const startMeasured = async (name, { upstream, core }) => {
  const { command, configuration } = PROGRAMS[name]
  const port = await freePort()
  const file = fileOf(`${name}.conf`)
  writeFileSync(file, configuration({ port, upstream, file }))
  const child = startProgram(...command(file), { core, stdio: ['ignore', 'ignore', 'inherit'] })
  await listening(port, { child, failure: () => new Error(`${name} did not start`) })
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    cpuMicroseconds: async () => cpuMicrosecondsOf(child.pid),
    stop: () => child.kill(),
  }
}
