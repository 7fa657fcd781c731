import type { Test } from 'tap'
import type { Engine } from '../../lib/stores/engine.js'

/** Two fresh, opened engines over the same empty database, as two gateways have. */
export type Open = (t: Test) => Promise<[Engine, Engine]>

/** Texts that break what is careless with them. */
export const HOSTILE = [
  `'; DROP TABLE users; --`,
  '"quoted" \\ back',
  '__proto__',
  'constructor',
  'ünïcode 🎉 \u200b',
  '%_*?[a-z]',
  '${1} $1 :a ?1 @b',
  'line\nfeed\r\ttab',
]
