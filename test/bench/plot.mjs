// The row get as a plot.
import { summary } from './figures.mjs'
import { barsSvg } from './svg.mjs'

const LABELS = {
  gateway: 'passport-gateway',
  pipe: 'bare node:http pipe, no checks',
  fastify: '@fastify/http-proxy, @fastify/jwt',
  express: 'express, http-proxy-middleware',
  'http-proxy': 'http-proxy, jsonwebtoken',
  haproxy: 'haproxy, the same job',
  nginx: 'nginx, no checks',
  answer: 'node:http alone, no service behind',
}

export const plotOf = ({ figures }, about) => {
  const bars = [...figures].map(([name, { microseconds }]) => ({
    label: LABELS[name] ?? name,
    median: summary(microseconds).median,
    least: Math.min(...microseconds),
    most: Math.max(...microseconds),
    isOurs: name === 'gateway',
  }))
  bars.sort((one, other) => one.median - other.median)
  return barsSvg({ title: 'CPU time of a proxied small GET, in µs', note: about, bars })
}
