// Runs inside the gateway, before it: `node --expose-gc --import probe.mjs …`. To any message it answers
// with what the process holds once garbage is gone, and how long its event loop let what is due wait
// since the last time. The threads of the gateway are given it too, and left alone.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const RESOLUTION_MS = 5

const probe = () => {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const waited = (share) => Math.max(delay.percentile(share) / 1e6 - RESOLUTION_MS, 0)

  process.on('message', () => {
    const delays = { p50Ms: waited(50), p99Ms: waited(99), maxMs: waited(100) }
    // To collect stops the loop too, for which the gateway is not to blame.
    delay.disable()
    // What the first round finalizes, the second one frees.
    globalThis.gc()
    globalThis.gc()
    const resources = {}
    for (const name of process.getActiveResourcesInfo()) {
      resources[name] = (resources[name] ?? 0) + 1
    }
    process.send({ memory: process.memoryUsage(), resources, delays })
    delay.reset()
    delay.enable()
  })
  // As a listener it would keep the process from ending.
  process.channel.unref()
}

if (isMainThread) probe()
