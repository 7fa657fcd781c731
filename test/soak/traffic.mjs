// Which requests come, and when: of each thousand so many of each kind. Those that cost a hash of a
// password have a rate of their own, as a core makes some 14 hashes a second and no more.
import { bySchedule } from '../faults/schedule.mjs'

const CHEAP = {
  get: 530,
  post: 120,
  'post with a key': 60,
  upload: 15,
  download: 15,
  events: 10,
  'download, left': 10,
  'upload, left': 10,
  websocket: 15,
  'websocket, left': 5,
  'websocket of a logout': 3,
  'bad token': 100,
  me: 40,
  refresh: 7,
  logout: 10,
  'replay of a signup': 30,
  health: 20,
}
const HASHED = {
  signup: 30,
  'two signups with one key': 10,
  'signup of somebody who is there': 5,
  'signup, left': 5,
  login: 35,
  'login with another password': 7,
  'change of password': 4,
  'logout of all': 4,
}

/** Runs both for so long. Resolves to how late the latest was sent, in milliseconds. */
export const runTraffic = async ({ seconds, rate, hashes, cheap, hashed, tally }) => {
  let number = 0
  let latestMs = 0
  const launching = (plays, weights) => {
    const draw = drawer(weights)
    return (dueMs) => {
      const name = draw()
      latestMs = Math.max(latestMs, performance.now() - dueMs)
      const id = `${name.replaceAll(/[^a-z]/g, '')}-${number++}`
      void tally.play(name, () => plays[name](id), dueMs)
    }
  }
  await Promise.all([
    bySchedule({ seconds, ratePerSecond: rate }, launching(cheap, CHEAP)),
    bySchedule({ seconds, ratePerSecond: hashes }, launching(hashed, HASHED)),
  ])
  return latestMs
}

const drawer = (weights) => {
  const rows = Object.entries(weights)
  const total = rows.reduce((sum, [, weight]) => sum + weight, 0)
  return () => {
    let at = Math.random() * total
    return rows.find(([, weight]) => (at -= weight) < 0)[0]
  }
}
