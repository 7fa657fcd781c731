// All that is measured, in its order.
import { get } from './get.mjs'
import { post } from './post.mjs'
import { refused } from './refused.mjs'

export const ROWS = [get, refused, post]
