// Many at once, each on a connection of his own with one request.
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '../../faults/connection.mjs'

/** Sends `count` requests, of `texts` in turns, from the `addresses` in turns. */
export const startAsking = async ({ port, count, texts, addresses, patienceMs }) => {
  const answers = []
  const startMs = performance.now()
  const connections = Array.from({ length: count }, (_, i) => {
    const connection = new Connection(port, {
      localAddress: addresses[i % addresses.length],
      onIdle: () => {},
      onClosed: () => {},
    })
    connection.send(texts[i % texts.length], (answer) => {
      const endMs = performance.now()
      answers.push({
        status: answer?.isWhole ? answer.status : 'cut',
        latencyMs: endMs - startMs,
        atMs: performance.timeOrigin + endMs,
      })
    })
    return connection
  })
  return {
    finish: async () => {
      while (answers.length < count && performance.now() - startMs < patienceMs) await sleep(10)
      for (const connection of connections) connection.close()
      return answers
    },
  }
}
