// Requests by a schedule, not by answers: one that is slow to be answered holds up none of the others,
// and its latency counts from when it was due.
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from './connection.mjs'
import { bySchedule } from './schedule.mjs'

/**
 * Connections at once. A request that finds none free waits for one, on its own time; more would
 * overflow the queue in which the system keeps connections for the gateway, and measure that.
 */
const LIMIT_CONNECTIONS = 400
/** A process that has just started is given half of the rate at first. */
const WARM_SHARE = 0.5

/** Sends what `requestOf(number)` gives, `{ text }` and whatever else shall be known of it afterwards. */
export const createLoad = ({ port, requestOf, ratePerSecond, patienceMs, localAddress }) => {
  const requests = []
  const waiting = []
  const idle = new Set()
  const all = new Set()
  let inFlight = 0
  let isOver = false

  const open = () => {
    const connection = new Connection(port, {
      localAddress,
      onIdle: () => {
        const next = waiting.shift()
        if (next) sendOn(connection, next)
        else idle.add(connection)
      },
      onClosed: () => {
        all.delete(connection)
        idle.delete(connection)
        const next = waiting.shift()
        if (next) sendOn(open(), next)
      },
    })
    all.add(connection)
    return connection
  }

  const launch = (dueMs) => {
    const request = { ...requestOf(requests.length), dueMs }
    requests.push(request)
    const [free = all.size < LIMIT_CONNECTIONS ? open() : undefined] = idle
    if (free) sendOn(free, request)
    else waiting.push(request)
  }

  const sendOn = (connection, request) => {
    idle.delete(connection)
    inFlight++
    request.sentMs = performance.now()
    request.connection = connection
    connection.send(request.text, (answer) => {
      inFlight--
      request.endMs = performance.now()
      request.answer = answer
      request.connection = undefined
    })
  }

  /** Closes what is still in flight, and sends nothing more. */
  const giveUp = () => {
    waiting.length = 0
    for (const { connection } of requests) connection?.close()
  }

  return {
    requests,
    /** Sends at a low rate, which gets a process going. */
    warmUp: (seconds) =>
      bySchedule(
        { seconds, ratePerSecond: ratePerSecond * WARM_SHARE, isOver: () => isOver },
        launch,
      ),
    /** Sends for so long, then waits until all are answered, or patience is lost. */
    run: async (seconds) => {
      await bySchedule({ seconds, ratePerSecond, isOver: () => isOver }, launch)
      const untilMs = performance.now() + patienceMs
      while (inFlight + waiting.length > 0 && performance.now() < untilMs) await sleep(20)
      giveUp()
      await sleep(20)
    },
    /** Ends a run before its time. */
    stop: () => {
      isOver = true
    },
    close: () => {
      for (const connection of all) connection.close()
    },
  }
}
