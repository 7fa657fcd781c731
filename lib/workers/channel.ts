import { createCalls, type Answer, type Call, type Calls } from '../stores/calls.js'
import { inTime } from '../stores/in-time.js'
import { createAnswering, type Verb } from '../stores/verbs.js'

/** One end of what two processes tell and ask each other. */
export interface Channel<Mine> {
  readonly calls: Pick<Calls, 'make'>
  /** Asks for a verb of the other; rejects where it does not answer within `limitMs` milliseconds. */
  ask(verb: string, args: unknown[], limitMs: number): Promise<unknown>
  tell(note: Mine): void
  /** Takes what the other has sent. */
  take(message: unknown): void
  /** The other has gone. */
  giveUp(): void
}

export interface ChannelOptions<Theirs> {
  /** Must not throw, whatever became of the other. */
  post: (message: unknown) => void
  /** What the other can ask for. */
  verbs: ReadonlyMap<string, Verb>
  onNote: (note: Theirs) => void
}

type Message<Theirs> = Call | Answer | Theirs

export const createChannel = <Mine extends object, Theirs extends { note: string }>({
  post,
  verbs,
  onNote,
}: ChannelOptions<Theirs>): Channel<Mine> => {
  const calls = createCalls(post, LIMIT_WAITING)
  const answering = createAnswering(verbs)
  const answer = async (call: Call): Promise<void> => post(await answering(call))
  return {
    calls,
    ask: (verb, args, limitMs) => inTime(limitMs, calls.make(verb, args, Date.now() + limitMs)),
    tell: post,
    take: (message) => {
      const known = message as Message<Theirs> // of the same program
      if ('verb' in known) void answer(known)
      else if ('note' in known) onNote(known)
      else calls.take(known)
    },
    giveUp: () => calls.giveUp(),
  }
}

const LIMIT_WAITING = 10_000
