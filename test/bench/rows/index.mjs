// All that is measured, in its order.
import { download } from './download.mjs'
import { filled } from './filled.mjs'
import { get } from './get.mjs'
import { idle } from './idle.mjs'
import { logins } from './logins.mjs'
import { post } from './post.mjs'
import { refused } from './refused.mjs'
import { signed } from './signed.mjs'
import { start } from './start.mjs'
import { tokens } from './tokens.mjs'
import { workers } from './workers.mjs'

export const ROWS = [
  get,
  refused,
  signed,
  tokens,
  post,
  filled,
  download,
  idle,
  start,
  logins,
  workers,
]
