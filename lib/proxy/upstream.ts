import type { Agent } from 'node:http'
import { createUpstreamAgent } from './upstream-agent.js'

/** The service behind, and the connections to it. */
export interface Upstream {
  hostname: string
  port: number
  /** The value of `Host`: the authority of the service's URL. */
  authority: string
  /** The path of the service's URL, without a slash at its end. */
  basePath: string
  agent: Agent
}

/**
 * Reads the URL of the service behind: `http://host[:port][/path]`.
 * @throws RangeError for any other URL; its message does not repeat it
 */
export const createUpstream = (url: string, keepAliveMs: number): Upstream => {
  const { hostname, port, host, pathname } = parseUpstreamUrl(url)
  return {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 80 : Number(port),
    authority: host,
    basePath: pathname.replace(/\/+$/, ''),
    agent: createUpstreamAgent(keepAliveMs),
  }
}

/** @throws RangeError for what is not `http://host[:port][/path]` */
export const parseUpstreamUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain =
    url?.protocol === 'http:' && url.username === '' && url.password === '' && !/[?#]/.test(text)
  if (!isPlain)
    throw new RangeError('must be an http:// URL without credentials, query and fragment')
  return url
}
