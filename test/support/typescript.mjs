// `node --import` of this file takes TypeScript.
import { register } from 'node:module'

register('./typescript-loader.mjs', import.meta.url)
