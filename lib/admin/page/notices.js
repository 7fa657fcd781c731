import { byId, setText } from './elements.js'

/** @import { ConnectionState } from './connection.js' */

const announcement = byId('announcement')
const connection = byId('connection')
const words = byId('connection-words')
const retryButton = byId('retry')
const warning = byId('warning')

/**
 * What an operator must be told: that the gateway is lost, or not well. The one place that is read
 * aloud, and so only what has changed is written to it.
 */
export const createNotices = () => {
  /** @type {number | undefined} */
  let ticking
  const said = { connection: '', warning: '' }
  const announce = () => {
    setText(announcement, `${said.connection} ${said.warning}`.trim())
    // Seen from another tab.
    const mark = said.connection ? 'Lost: ' : said.warning ? 'Trouble: ' : ''
    if (document.title !== mark + NAME) document.title = mark + NAME
  }

  return {
    /** @param {ConnectionState} state */
    connection: (state) => {
      clearInterval(ticking)
      document.documentElement.dataset['connection'] = state.kind
      setText(byId('live-word'), WORDS[state.kind])
      connection.hidden = state.kind !== 'lost'
      said.connection = state.kind === 'lost' ? LOST : ''
      announce()
      if (state.kind !== 'lost') return
      setText(words, LOST)
      const count = () => {
        const seconds = Math.ceil((state.retryAtMs - performance.now()) / 1000)
        setText(byId('retry-in'), seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again…')
      }
      count()
      ticking = setInterval(count, 250)
    },

    /** @param {import('./health.js').Warning} warning */
    warn: ({ text, isGrave }) => {
      warning.dataset['grave'] = String(isGrave)
      setText(warning, text)
      warning.hidden = text === ''
      said.warning = text
      announce()
    },

    /** @param {() => void} retry */
    onRetry: (retry) => retryButton.addEventListener('click', retry),
  }
}

const WORDS = { connecting: 'Connecting', live: 'Live', lost: 'Lost' }
const NAME = 'passport-gateway'
const LOST = 'The connection to the gateway is lost: what is shown is not of now.'
