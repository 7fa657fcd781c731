import { hold, type Search } from './search.js'
import { mutationsOf, type Mutation } from './wire-mutations.js'
import { diceOf, requestsOf } from './wire-requests.js'
import { openScene, send, type Scene } from './wire-scene.js'
import { isAnswered, judge } from './wire-verdict.js'

interface Case {
  user: string
  text: string
  mutations: Mutation[]
  cut: number
}

const caseOf = (seed: number, number: number): Case => {
  const dice = diceOf(seed * 1_000_003 + number)
  const user = `w${seed}-${number}-`
  return { user, text: requestsOf(dice, user), mutations: mutationsOf(dice), cut: dice(2_000) }
}

const bytesOf = ({ text, mutations }: Case): string =>
  mutations.reduce((now, mutate) => mutate(now), text)

/** Takes out what was logged; gives whether a connection was refused. */
const drain = ({ events, faults }: Scene): boolean => {
  const taken = events.splice(0)
  if (taken.some(({ event }) => event === 'handler_failed')) faults.push('handler_failed')
  return taken.some(({ event }) => event === 'connection_refused')
}

/** Tries one; gives what is wrong. */
const play = async (scene: Scene, one: Case, isAlone: boolean): Promise<string | undefined> => {
  const bytes = bytesOf(one)
  drain(scene)
  const heard = await send(
    scene.port,
    bytes,
    one.cut % (bytes.length + 1),
    isAnswered(bytes),
    isAlone ? PATIENT_MS : STILL_MS,
  )
  const isOwn = ({ user }: { user: string }): boolean => user.startsWith(one.user)
  const own = scene.arrived.filter(isOwn)
  for (const arrived of own) scene.arrived.splice(scene.arrived.indexOf(arrived), 1)
  // Only of one alone it is known whom it concerns.
  const isRefused = drain(scene) && isAlone
  return judge(bytes, heard, own, isRefused)
}

/** As few mutations as will do, each tried alone and with patience; `undefined` where nothing is wrong then. */
const confirm = async (scene: Scene, one: Case): Promise<string | undefined> => {
  const problem = await play(scene, one, true)
  if (!problem) return undefined
  for (let i = 0; i < one.mutations.length; i++) {
    const fewer = { ...one, mutations: one.mutations.toSpliced(i, 1) }
    if (fewer.mutations.length > 0 && (await play(scene, fewer, true))) return confirm(scene, fewer)
  }
  const told = bytesOf(one).replace(/eyJ[\w-]*\.eyJ[\w-]*\.[\w-]{43}/g, '<token>')
  return `${problem}\n  sent: ${JSON.stringify(told.replace(/A{50,}/g, '<many A>'))}, cut at ${one.cut}`
}

const STILL_MS = 150
const PATIENT_MS = 1_500
const AT_ONCE = 24

/** Sends what is almost HTTP to a gateway that runs, and looks at both ends. */
export const wire: Search = {
  name: 'wire',
  run: async ({ seed, runs, seconds }) => {
    const scene = await openScene()
    const endMs = performance.now() + 1_000 * (seconds ?? 0)
    const suspects: number[] = []
    let next = 0
    const goesOn = (): boolean => (seconds ? performance.now() < endMs : next < runs)
    const running = new Set<number>()
    const work = async (): Promise<void> => {
      while (goesOn() && scene.faults.length === 0 && suspects.length < MOST_SUSPECTS) {
        const number = next++
        running.add(number)
        if (await play(scene, caseOf(seed, number), false)) suspects.push(number)
        running.delete(number)
      }
    }
    // It would have ended the process.
    const crashed = (error: Error): void => {
      scene.faults.push(`${error.stack} in one of the cases ${[...running].join()} of seed ${seed}`)
    }
    process.on('uncaughtException', crashed)
    try {
      while (goesOn() && scene.faults.length === 0) {
        await Promise.all(Array.from({ length: AT_ONCE }, work))
        const problems: string[] = []
        for (const number of suspects.splice(0)) {
          const problem = await confirm(scene, caseOf(seed, number))
          if (problem) problems.push(`seed ${seed}, case ${number}: ${problem}`)
        }
        hold(problems.length === 0, problems.join('\n'))
      }
      hold(scene.faults.length === 0, scene.faults.join('\n'))
    } finally {
      process.off('uncaughtException', crashed)
      await scene.close()
    }
  },
}

// So many at most are tried anew, one after another, before it goes on.
const MOST_SUSPECTS = 40
