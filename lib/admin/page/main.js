import { follow } from './connection.js'
import { byId, setText } from './elements.js'
import { duration, timeOfDay } from './figures.js'
import { createHealth } from './health.js'
import { createInspector } from './inspector.js'
import { createNotices } from './notices.js'
import { createPlots } from './plots.js'
import { createRecent } from './recent.js'
import { createRefusals } from './refusals.js'
import { createResources } from './resources.js'
import { createSession } from './session.js'
import { door } from './sign-in.js'
import { createTargets } from './targets.js'
import { bindTheme } from './theme.js'

bindTheme(byId('theme'))
const session = createSession(door)
createInspector(session)
const notices = createNotices()
const recent = createRecent()
const showHealth = createHealth()
const drawPlots = createPlots()
const showResources = createResources()
const showTargets = createTargets()
const showRefusals = createRefusals()

let startedAtSeconds = 0
let isPaused = false

const show = () => {
  const snapshots = recent.all()
  const newest = snapshots.at(-1)
  if (!newest || isPaused) return
  notices.warn(showHealth(newest)) // the title of a tab in the background tells of it
  if (document.hidden) return
  drawPlots(snapshots)
  showResources(snapshots)
  showTargets(newest)
  showRefusals(newest)
  setText(byId('up-for'), duration(newest.at / 1000 - startedAtSeconds))
  setText(byId('as-of'), timeOfDay(newest.at))
}

const pause = byId('pause')
pause.addEventListener('click', () => {
  isPaused = !isPaused
  pause.setAttribute('aria-pressed', String(isPaused))
  document.documentElement.dataset['paused'] = String(isPaused)
  show()
})
document.addEventListener('visibilitychange', show)

const { retry } = follow(session, {
  onStatus: ({ started_at, version, history }) => {
    startedAtSeconds = started_at
    setText(byId('version'), version)
    recent.replace(history)
    show()
  },
  onSnapshot: (snapshot) => {
    recent.add(snapshot)
    show()
  },
  onState: notices.connection,
})
notices.onRetry(retry)
window.addEventListener('online', retry)
