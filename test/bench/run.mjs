// Runs rows, each with processes of its own.
import { check } from './check.mjs'
import { startContender } from './contenders.mjs'
import { CORES } from './cpu.mjs'
import { endLoad } from './load.mjs'
import { describe, startRival } from './rivals.mjs'

/**
 * Measures the rows one after the other; `rivals` are those that were asked for, by default all. `onResult`
 * is told of each. Gives `{ ...row, figures?, verdicts }` of all.
 */
export const run = async (rows, { rivals, ...options }, onResult = () => {}) => {
  const service = await startContender('service', { core: CORES.others })
  const results = []
  try {
    for (const row of rows) {
      results.push(await measure(row, { ...options, service, names: present(row, rivals) }))
      onResult(results.at(-1))
    }
  } finally {
    service.stop()
    endLoad()
  }
  return results
}

/** Of those that a row wants, who was asked for, and is there. */
export const present = ({ rivals }, wanted) =>
  rivals.filter((name) => {
    const isWanted = name === 'gateway' || !wanted || wanted.includes(name)
    return isWanted && describe(name)
  })

const measure = async (row, setting) => {
  console.error(`${row.name}: ${row.title}`)
  const started = []
  /** Starts a contender, and sees that it does its job. */
  const start = async (name, settings = {}) => {
    const contender = await startRival(name, { upstream: setting.service.url, ...settings })
    started.push(contender)
    await check(name, contender, { isSigned: Boolean(settings.options?.passportSecret) })
    return contender
  }
  try {
    return { ...row, ...(await row.measure({ ...setting, start })) }
  } finally {
    for (const { stop } of started) stop()
  }
}
