// What goes wrong, under load. Each is given the store and the gateways, does its worst and undoes it.
import { setTimeout as sleep } from 'node:timers/promises'
import { CLOCKS } from './clocks.mjs'
import { PASSWORDS } from './passwords.mjs'
import { seconds } from './stage.mjs'

const BEFORE_SECONDS = 2
const AFTER_SECONDS = 1

/** The store fails for a while, at every gateway. */
const fails = (fault, heal, secondsOf) => async (parts) => {
  await seconds(BEFORE_SECONDS)
  const end = parts.outages.begin()
  await fault(parts.store)
  await seconds(secondsOf(parts.setting))
  const note = await heal(parts.store)
  await parts.recovered(end())
  await seconds(AFTER_SECONDS)
  return { notes: [note].flat().filter((one) => typeof one === 'string') }
}

const killGateway = {
  name: 'kill-gateway',
  title: 'kill -9 of the gateway in the middle of 2,000 signups',
  stores: ['sqlite', 'postgres', 'redis'],
  gateways: 1,
  isKilled: true,
  load: { signups: 0, sessions: 1 },
  play: async ({ gateways: [gateway], traffic }) => {
    traffic.signUpMany(2_000, 16)
    const begun = async (count) => {
      while (traffic.users.length < count) await sleep(5)
    }
    await begun(1_000)
    await gateway.kill()
    await sleep(500)
    const healedMs = [performance.now()]
    await gateway.start()
    await begun(2_000)
    await seconds(1)
    return { healedMs }
  },
}

const cut = {
  name: 'cut',
  title: 'one gateway cut off: connections reset 3 s, answers 500 ms late 3 s, silence 5 s',
  stores: ['postgres', 'redis'],
  isRelayed: true,
  load: { signups: 1, sessions: 1 },
  play: async ({ relay, gateways, outages, recovered }) => {
    const phase = async (fault, forSeconds) => {
      await seconds(BEFORE_SECONDS)
      const end = outages.begin(gateways[1])
      fault()
      await seconds(forSeconds)
      relay.heal()
      await recovered(end())
    }
    await phase(() => relay.drop(), 3)
    await phase(() => relay.delay(500), 3)
    await phase(() => relay.silence(), 5)
    await seconds(AFTER_SECONDS)
  },
}

export const SCENARIOS = [
  killGateway,
  {
    name: 'kill-store',
    title: 'kill -9 of the store, back after 2 s',
    stores: ['postgres', 'redis', 'both'],
    play: fails(
      (store) => store.kill(),
      (store) => store.start(),
      () => 2,
    ),
  },
  {
    name: 'freeze',
    title: 'the store stands still (SIGSTOP)',
    stores: ['sqlite', 'postgres', 'redis'],
    play: fails(
      (store) => store.freeze(),
      (store) => store.thaw(),
      ({ freezeSeconds }) => freezeSeconds,
    ),
  },
  cut,
  {
    name: 'fill',
    title: 'its disk, or memory, is full for 5 s',
    stores: ['sqlite', 'postgres', 'redis'],
    isSmall: true,
    play: fails(
      (store) => store.fill(),
      (store) => store.empty(),
      () => 5,
    ),
  },
  {
    ...PASSWORDS,
    play: fails(
      (store) => store.lockOut(),
      (store) => store.letIn(),
      () => 4,
    ),
  },
  CLOCKS,
]
